"""The outcome that an analysis left in its bucket, and the numbers in it that a test expects."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sslab.checks.access import SiteAccess
from sslab.checks.errors import CheckError
from sslab.checks.model import Measurement

FORMAT = 1
KEY = "outcome.json"
"""What images/analysis/ssl_analysis/outcome.py writes, and where."""


@dataclass(frozen=True, kw_only=True)
class Expected:
    """A number that is known, and how far a measured one may be from it."""

    value: float
    tolerance: float


def outcome(access: SiteAccess, pattern: str, key: str = KEY) -> dict[str, Any]:
    """Return the outcome of the pattern's latest run, or of that of its jobs which has the key.

    Raises CheckError where there is none, or one of another format.
    """
    try:
        found = json.loads(access.stored(pattern, key))
    except ValueError:
        found = None
    is_outcome = isinstance(found, dict) and found.get("format") == FORMAT
    if not is_outcome or found.get("pattern") != pattern:
        raise CheckError(
            f"{pattern}/{key} is no outcome of format {FORMAT} of this pattern",
            remedy="deploy again, so that its Job writes another one",
        )
    return dict(found)


def measured(found: Mapping[str, Any], expected: Mapping[str, Expected]) -> Iterator[Measurement]:
    """Yield each expected number beside the one that was found.

    Raises CheckError where the outcome lacks it.
    """
    for name, known in expected.items():
        if name not in found["values"]:
            raise CheckError(
                f"the outcome of {found['pattern']} has no {name}",
                remedy="deploy again, so that its Job writes another one",
            )
        yield Measurement(
            check=name,
            value=found["values"][name],
            expected=known.value,
            tolerance=known.tolerance,
        )
