"""The numbers that each job has stored, beside those that its entry expects."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from patterns.batch_analysis.settings import Settings
from sslab.checks.access import SiteAccess
from sslab.checks.model import Measurement
from sslab.checks.outcome import Expected, measured, outcome


def run(access: SiteAccess) -> Iterator[Measurement]:
    """Yield each job's numbers, and how many files it has stored.

    Raises CheckError where a job has left no outcome, or lacks a number.
    """
    settings = Settings.model_validate(dict(access.site.patterns["batch-analysis"]))
    for name, job in sorted(settings.jobs.items()):
        found = outcome(access, "batch-analysis", f"{name}/outcome.json")
        known = {
            number: Expected(value=each.value, tolerance=each.tolerance)
            for number, each in job.expects.items()
        }
        for measurement in measured(found, known):
            yield replace(measurement, check=f"{name}: {measurement.check}")
        yield Measurement(
            check=f"{name}: finished", value=found["metrics"]["finished"], expected=1, tolerance=0
        )
