"""Whether the pool knows all of the workers, with all of their cores."""

from __future__ import annotations

from collections.abc import Iterator

from patterns.htcondor.settings import Settings
from sslab.checks.access import SiteAccess
from sslab.checks.model import Measurement
from sslab.checks.outcome import Expected, measured, outcome


def run(access: SiteAccess) -> Iterator[Measurement]:
    """Yield the workers and the cores that the pool's collector listed after the deployment."""
    settings = Settings.model_validate(dict(access.site.patterns["htcondor"]))
    cores = settings.workers * settings.worker_cpus
    expected = {
        "workers in the pool": Expected(value=settings.workers, tolerance=0),
        "cores in the pool": Expected(value=cores, tolerance=0),
    }
    yield from measured(outcome(access, "htcondor"), expected)
