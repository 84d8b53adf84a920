"""The muon pairs that the workers found, and that none of the workers is left."""

from __future__ import annotations

from collections.abc import Iterator

from patterns.event_processing.reference import DEFAULT_SAMPLE, EXPECTED
from patterns.event_processing.settings import Settings
from sslab.checks.access import SiteAccess
from sslab.checks.errors import CheckError
from sslab.checks.model import Measurement
from sslab.checks.outcome import Expected, measured, outcome


def run(access: SiteAccess) -> Iterator[Measurement]:
    """Yield the numbers of events and pairs, the mean mass, and the workers that are left.

    Raises CheckError where there is no outcome, or one of other settings than the site's.
    """
    settings = Settings.model_validate(dict(access.site.patterns["event-processing"]))
    found = outcome(access, "event-processing")
    asked = {"seed": settings.seed, "files": settings.files}
    asked["events_per_file"] = settings.events_per_file
    if any(found["parameters"].get(name) != value for name, value in asked.items()):
        raise CheckError(
            "the outcome of event-processing is that of other settings than the site file's",
            remedy="deploy, so that its Job runs with these",
        )
    events = Expected(value=settings.files * settings.events_per_file, tolerance=0)
    expected = {
        "events": events,
        **(EXPECTED if asked == DEFAULT_SAMPLE else {}),
        "workers left": Expected(value=0, tolerance=0),
    }
    yield from measured(found, expected)
