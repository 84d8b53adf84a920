"""The generator fit: a Job that generates decays and fits them."""

from __future__ import annotations

from components.analysis import AnalysisArgs
from components.place import PatternComponent
from patterns.generator_fit.settings import Settings
from patterns.one_job import one_job
from patterns.sources import sources


def component(settings: Settings) -> PatternComponent:
    """Return the function that makes the pattern with these settings."""
    return one_job(
        AnalysisArgs(
            package="generator_fit",
            sources=sources("generator_fit"),
            environment={"SEED": str(settings.seed), "EVENTS": str(settings.events)},
            cpu=settings.cpu,
            memory=settings.memory,
            deadline_s=600,
        )
    )
