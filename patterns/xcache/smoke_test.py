"""Whether a file came through the cache, and the same twice, as a Job has seen it."""

from __future__ import annotations

from collections.abc import Iterator

from sslab.checks.access import SiteAccess
from sslab.checks.model import Measurement
from sslab.checks.outcome import Expected, measured, outcome


def run(access: SiteAccess) -> Iterator[Measurement]:
    """Yield 1 where both reads through the cache gave the same bytes."""
    found = outcome(access, "xcache")
    yield from measured(found, {"the same twice": Expected(value=1.0, tolerance=0)})
