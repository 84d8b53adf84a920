"""Evolution of an analysis: a Job that runs both revisions and compares them."""

from __future__ import annotations

import pulumi

from components.analysis import Analysis, AnalysisArgs
from components.place import PatternComponent, Place
from patterns.ci_evolution.settings import Settings
from patterns.sources import sources


class CiEvolution(pulumi.ComponentResource):
    """A Job; Pulumi waits until it has succeeded."""

    def __init__(
        self, name: str, settings: Settings, place: Place, opts: pulumi.ResourceOptions
    ) -> None:
        super().__init__("ssl:patterns:CiEvolution", name, None, opts)
        args = AnalysisArgs(
            package="ci_evolution",
            sources=sources("ci_evolution"),
            environment={"SEED": str(settings.seed), "EVENTS": str(settings.events)},
            cpu=settings.cpu,
            memory=settings.memory,
            deadline_s=600,
        )
        Analysis(name, args, place, self).job()
        self.register_outputs({})


def component(settings: Settings) -> PatternComponent:
    """Return the function that makes the pattern with these settings."""
    return lambda name, place, opts: CiEvolution(name, settings, place, opts)
