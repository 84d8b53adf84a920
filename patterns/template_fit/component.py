"""The template fit: a Job that scans the number of systematics."""

from __future__ import annotations

from components.analysis import AnalysisArgs
from components.place import PatternComponent
from patterns.one_job import one_job
from patterns.sources import sources
from patterns.template_fit.settings import Settings


def component(settings: Settings) -> PatternComponent:
    """Return the function that makes the pattern with these settings."""
    return one_job(
        AnalysisArgs(
            package="template_fit",
            sources=sources("template_fit"),
            environment={
                "SEED": str(settings.seed),
                "SCAN": ",".join(map(str, settings.scan)),
            },
            cpu=settings.cpu,
            memory=settings.memory,
            deadline_s=600,
        )
    )
