"""The template fit: a Job that scans the number of systematics."""

from __future__ import annotations

import pulumi

from components.analysis import Analysis, AnalysisArgs
from components.place import PatternComponent, Place
from patterns.sources import sources
from patterns.template_fit.settings import Settings


class TemplateFit(pulumi.ComponentResource):
    """A Job; Pulumi waits until it has succeeded."""

    def __init__(
        self, name: str, settings: Settings, place: Place, opts: pulumi.ResourceOptions
    ) -> None:
        super().__init__("ssl:patterns:TemplateFit", name, None, opts)
        args = AnalysisArgs(
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
        Analysis(name, args, place, self).job()
        self.register_outputs({})


def component(settings: Settings) -> PatternComponent:
    """Return the function that makes the pattern with these settings."""
    return lambda name, place, opts: TemplateFit(name, settings, place, opts)
