"""Whether squid answered out of its cache, as a Job has seen it from inside the cluster."""

from __future__ import annotations

from collections.abc import Iterator

from sslab.checks.access import SiteAccess
from sslab.checks.model import Measurement
from sslab.checks.outcome import Expected, measured, outcome


def run(access: SiteAccess) -> Iterator[Measurement]:
    """Yield 1 where a document that had been asked for before came out of the cache."""
    found = outcome(access, "frontier-squid")
    yield from measured(found, {"answers out of the cache": Expected(value=1.0, tolerance=0)})
