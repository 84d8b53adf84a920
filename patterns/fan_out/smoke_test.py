"""The merged histogram that the last stage published, and what it took to get it."""

from __future__ import annotations

from collections.abc import Iterator

from patterns.fan_out.reference import DEFAULT_SAMPLE, EXPECTED
from patterns.fan_out.settings import Settings
from sslab.checks.access import SiteAccess
from sslab.checks.errors import CheckError
from sslab.checks.model import Measurement
from sslab.checks.outcome import Expected, measured, outcome


def run(access: SiteAccess) -> Iterator[Measurement]:
    """Yield the counts, the histogram's hash and the rates.

    Raises CheckError where there is no outcome, or one of other settings than the site's.
    """
    settings = Settings.model_validate(dict(access.site.patterns["fan-out"]))
    found = outcome(access, "fan-out")
    asked = {"seed": settings.seed, "files": settings.files}
    asked["events_per_file"] = settings.events_per_file
    if any(found["parameters"].get(name) != value for name, value in asked.items()):
        raise CheckError(
            "the outcome of fan-out is that of other settings than the site file's",
            remedy="deploy, so that its Jobs run with these",
        )
    expected = {
        "inputs": Expected(value=settings.files, tolerance=0),
        "lost events": Expected(value=0, tolerance=0),
        "doubled events": Expected(value=0, tolerance=0),
        **(EXPECTED if asked == DEFAULT_SAMPLE else {}),
        "highest rate of a task (MB/s)": _at_most(settings.bandwidth_mb_s),
        "highest rate of all tasks (MB/s)": _at_most(
            settings.bandwidth_mb_s * settings.tasks_at_once
        ),
    }
    yield from measured(found, expected)


def _at_most(limit: float) -> Expected:
    """Return what is met from zero up to a limit."""
    return Expected(value=limit / 2, tolerance=limit / 2)
