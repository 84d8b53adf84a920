"""What REANA's server says when it is asked whether it is there."""

from __future__ import annotations

from collections.abc import Iterator

from sslab.checks.access import SiteAccess
from sslab.checks.answers import told
from sslab.checks.model import Measurement


def run(access: SiteAccess) -> Iterator[Measurement]:
    """Yield 1 where the server answers. Raises CheckError where something else does, or nothing."""
    logs = "-n reana deploy/reana-server -c rest-api"
    there = told(access, "reana", "/api/ping", title="REANA", logs=logs)["message"] == "OK"
    yield Measurement(check="the server answers", value=float(there), expected=1.0, tolerance=0)
