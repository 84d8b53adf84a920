"""The generator fit: a Job that generates decays and fits them."""

from __future__ import annotations

import pulumi

from components.analysis import Analysis, AnalysisArgs
from components.place import PatternComponent, Place
from patterns.generator_fit.settings import Settings
from patterns.sources import sources


class GeneratorFit(pulumi.ComponentResource):
    """A Job; Pulumi waits until it has succeeded."""

    def __init__(
        self, name: str, settings: Settings, place: Place, opts: pulumi.ResourceOptions
    ) -> None:
        super().__init__("ssl:patterns:GeneratorFit", name, None, opts)
        args = AnalysisArgs(
            package="generator_fit",
            sources=sources("generator_fit"),
            environment={"SEED": str(settings.seed), "EVENTS": str(settings.events)},
            cpu=settings.cpu,
            memory=settings.memory,
            deadline_s=600,
        )
        Analysis(name, args, place, self).job()
        self.register_outputs({})


def component(settings: Settings) -> PatternComponent:
    """Return the function that makes the pattern with these settings."""
    return lambda name, place, opts: GeneratorFit(name, settings, place, opts)
