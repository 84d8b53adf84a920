"""What the gateway says of its own health: that its API, and the clusters behind it, are there."""

from __future__ import annotations

from collections.abc import Iterator

from sslab.checks.access import SiteAccess
from sslab.checks.answers import told
from sslab.checks.model import Measurement


def run(access: SiteAccess) -> Iterator[Measurement]:
    """Yield 1 where the gateway is healthy. Raises CheckError where it does not answer."""
    logs = "-n dask-gateway deploy/api-dask-gateway"
    answer = told(access, "dask-gateway", "/api/health", title="the gateway", logs=logs)
    healthy = answer["status"] == "pass"
    yield Measurement(
        check="the gateway is healthy", value=float(healthy), expected=1.0, tolerance=0
    )
