"""The limit that the workflow's last step found, read back through the ingress."""

from __future__ import annotations

import json
from collections.abc import Iterator

from patterns.reinterpretation.reference import expected
from sslab.checks.access import SiteAccess
from sslab.checks.errors import CheckError
from sslab.checks.model import Measurement
from sslab.checks.outcome import measured, outcome


def run(access: SiteAccess) -> Iterator[Measurement]:
    """Yield what was measured beside what is known. Raises CheckError where the patch is lost."""
    found = outcome(access, "reinterpretation")
    where = found["files"]["patch"]
    try:
        operations = json.loads(access.stored("reinterpretation", where))["patch"]
        whole = [each["op"] for each in operations] == ["add"]
    except (ValueError, KeyError, TypeError):
        whole = False
    if not whole:
        raise CheckError(
            f"{where} is no patch of the preserved model",
            remedy="deploy again, so that it is made anew",
        )
    yield from measured(found, expected(found["parameters"]))
