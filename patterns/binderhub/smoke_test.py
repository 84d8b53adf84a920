"""What BinderHub says of its own health: that the hub and the registry behind it answer."""

from __future__ import annotations

from collections.abc import Iterator

from sslab.checks.access import SiteAccess
from sslab.checks.answers import told
from sslab.checks.model import Measurement


def run(access: SiteAccess) -> Iterator[Measurement]:
    """Yield 1 where all is well, 0 where it tells what is not. Raises CheckError where it fails."""
    answer = told(
        access,
        "binderhub",
        "/health",
        title="BinderHub",
        logs="-n binderhub deploy/binder",
        expected=(200, 503),  # by which it tells that something behind it is not
    )
    yield Measurement(
        check="the hub and its registry are healthy",
        value=float(answer["ok"]),
        expected=1.0,
        tolerance=0,
    )
