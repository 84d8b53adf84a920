"""The rates and errors that the Job stored, read back through the ingress."""

from __future__ import annotations

from collections.abc import Iterator

from patterns.template_fit.reference import expected
from sslab.checks.access import SiteAccess
from sslab.checks.errors import CheckError
from sslab.checks.model import Measurement
from sslab.checks.outcome import measured, outcome

PNG = b"\x89PNG\r\n\x1a\n"


def run(access: SiteAccess) -> Iterator[Measurement]:
    """Yield what was fitted beside what is known. Raises CheckError where there is no plot."""
    found = outcome(access, "template-fit")
    plot = found["files"]["scan"]
    if not access.stored("template-fit", plot).startswith(PNG):
        raise CheckError(f"{plot} is no PNG image", remedy="deploy again, so that it is drawn anew")
    told = found["parameters"]
    yield from measured(found, expected(told["seed"], map(int, told["scan"].split(","))))
