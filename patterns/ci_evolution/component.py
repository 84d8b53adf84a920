"""Evolution of an analysis: a Job that runs both revisions and compares them."""

from __future__ import annotations

from components.analysis import AnalysisArgs
from components.place import PatternComponent
from patterns.ci_evolution.settings import Settings
from patterns.one_job import one_job
from patterns.sources import sources


def component(settings: Settings) -> PatternComponent:
    """Return the function that makes the pattern with these settings."""
    return one_job(
        AnalysisArgs(
            package="ci_evolution",
            sources=sources("ci_evolution"),
            environment={"SEED": str(settings.seed), "EVENTS": str(settings.events)},
            cpu=settings.cpu,
            memory=settings.memory,
            deadline_s=600,
        )
    )
