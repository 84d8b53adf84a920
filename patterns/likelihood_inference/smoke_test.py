"""The parameter and the correlation that the Job stored, read back through the ingress."""

from __future__ import annotations

from collections.abc import Iterator

from patterns.likelihood_inference.reference import expected
from sslab.checks.access import SiteAccess
from sslab.checks.errors import CheckError
from sslab.checks.model import Measurement
from sslab.checks.outcome import measured, outcome

PNG = b"\x89PNG\r\n\x1a\n"


def run(access: SiteAccess) -> Iterator[Measurement]:
    """Yield what was measured beside what is known. Raises CheckError where there is no plot."""
    found = outcome(access, "likelihood-inference")
    plot = found["files"]["ratios"]
    if not access.stored("likelihood-inference", plot).startswith(PNG):
        raise CheckError(f"{plot} is no PNG image", remedy="deploy again, so that it is drawn anew")
    told = found["parameters"]
    yield from measured(found, expected(told["seed"], told["training events"]))
