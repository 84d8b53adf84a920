"""Likelihood inference: a Job that trains a classifier and measures with it."""

from __future__ import annotations

from components.analysis import AnalysisArgs
from components.place import PatternComponent
from patterns.likelihood_inference.settings import Settings
from patterns.one_job import one_job
from patterns.sources import sources


def component(settings: Settings) -> PatternComponent:
    """Return the function that makes the pattern with these settings."""
    return one_job(
        AnalysisArgs(
            package="likelihood_inference",
            sources=sources("likelihood_inference"),
            environment={
                "SEED": str(settings.seed),
                "TRAINING_EVENTS": str(settings.training_events),
            },
            cpu=settings.cpu,
            memory=settings.memory,
            deadline_s=600,
        )
    )
