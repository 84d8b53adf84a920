"""Both numbers, their difference and its causes, read back through the ingress."""

from __future__ import annotations

from collections.abc import Iterator

from patterns.ci_evolution.reference import expected
from sslab.checks.access import SiteAccess
from sslab.checks.errors import CheckError
from sslab.checks.model import Measurement
from sslab.checks.outcome import measured, outcome


def run(access: SiteAccess) -> Iterator[Measurement]:
    """Yield what was found beside what is known. Raises CheckError where there is no report."""
    found = outcome(access, "ci-evolution")
    report = found["files"]["report"]
    if not access.stored("ci-evolution", report).startswith(b"# Revision 2 against revision 1\n"):
        raise CheckError(
            f"{report} is no report", remedy="deploy again, so that it is written anew"
        )
    yield from measured(found, expected(found["parameters"]["events"]))
