"""What BinderHub says of its own health: that the hub and the registry behind it answer."""

from __future__ import annotations

from collections.abc import Iterator

from sslab.checks.access import SiteAccess
from sslab.checks.errors import CheckError
from sslab.checks.model import Measurement


def run(access: SiteAccess) -> Iterator[Measurement]:
    """Yield 1 where all is well, 0 where it tells what is not. Raises CheckError where it fails."""
    answer = access.get("binderhub", "/health")
    if answer.status_code not in (200, 503):
        raise CheckError(
            f"BinderHub answered {answer.status_code}: {answer.text[:200]}",
            remedy="`kubectl logs -n binderhub deploy/binder` says why",
        )
    yield Measurement(
        check="the hub and its registry are healthy",
        value=float(answer.json()["ok"]),
        expected=1.0,
        tolerance=0,
    )
