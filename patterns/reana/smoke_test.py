"""What REANA's server says when it is asked whether it is there."""

from __future__ import annotations

from collections.abc import Iterator

from sslab.checks.access import SiteAccess
from sslab.checks.errors import CheckError
from sslab.checks.model import Measurement


def run(access: SiteAccess) -> Iterator[Measurement]:
    """Yield 1 where the server answers. Raises CheckError where something else does, or nothing."""
    answer = access.get("reana", "/api/ping")
    if answer.status_code != 200:
        raise CheckError(
            f"REANA answered {answer.status_code}: {answer.text[:200]}",
            remedy="`kubectl logs -n reana deploy/reana-server -c rest-api` says why",
        )
    there = answer.json()["message"] == "OK"
    yield Measurement(check="the server answers", value=float(there), expected=1.0, tolerance=0)
