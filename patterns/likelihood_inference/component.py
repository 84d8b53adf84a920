"""Likelihood inference: a Job that trains a classifier and measures with it."""

from __future__ import annotations

import pulumi

from components.analysis import Analysis, AnalysisArgs
from components.place import PatternComponent, Place
from patterns.likelihood_inference.settings import Settings
from patterns.sources import sources


class LikelihoodInference(pulumi.ComponentResource):
    """A Job; Pulumi waits until it has succeeded."""

    def __init__(
        self, name: str, settings: Settings, place: Place, opts: pulumi.ResourceOptions
    ) -> None:
        super().__init__("ssl:patterns:LikelihoodInference", name, None, opts)
        args = AnalysisArgs(
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
        Analysis(name, args, place, self).job()
        self.register_outputs({})


def component(settings: Settings) -> PatternComponent:
    """Return the function that makes the pattern with these settings."""
    return lambda name, place, opts: LikelihoodInference(name, settings, place, opts)
