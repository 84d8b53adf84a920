"""What the gateway says of its own health: that its API, and the clusters behind it, are there."""

from __future__ import annotations

from collections.abc import Iterator

from sslab.checks.access import SiteAccess
from sslab.checks.errors import CheckError
from sslab.checks.model import Measurement


def run(access: SiteAccess) -> Iterator[Measurement]:
    """Yield 1 where the gateway is healthy. Raises CheckError where it does not answer."""
    answer = access.get("dask-gateway", "/api/health")
    if answer.status_code != 200:
        raise CheckError(
            f"the gateway answered {answer.status_code}: {answer.text[:200]}",
            remedy="`kubectl logs -n dask-gateway deploy/api-dask-gateway` says why",
        )
    healthy = answer.json()["status"] == "pass"
    yield Measurement(
        check="the gateway is healthy", value=float(healthy), expected=1.0, tolerance=0
    )
