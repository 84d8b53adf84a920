"""Reinterpretation: a Job in which yadage takes the steps of the workflow."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace

import pulumi

from components.analysis import Analysis, AnalysisArgs
from components.place import PatternComponent, Place
from patterns.reinterpretation.settings import Settings
from patterns.sources import sources


class Reinterpretation(pulumi.ComponentResource):
    """A Job; Pulumi waits until it has succeeded."""

    def __init__(
        self, name: str, settings: Settings, place: Place, opts: pulumi.ResourceOptions
    ) -> None:
        super().__init__("ssl:patterns:Reinterpretation", name, None, opts)
        args = AnalysisArgs(
            package="reinterpretation",
            sources=sources("reinterpretation"),
            environment={
                "SEED": str(settings.seed),
                "EVENTS": str(settings.events),
                "MASS_GEV": str(settings.mass_gev),
                "CROSS_SECTION_FB": str(settings.cross_section_fb),
            },
            cpu=settings.cpu,
            memory=settings.memory,
            deadline_s=1500,
        )
        # steps that another code, image or setting has made are not gone on from
        told = [place.image, dict(args.sources), dict(args.environment)]
        version = hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()[:12]
        Analysis(
            name,
            replace(args, environment={**args.environment, "VERSION": version}),
            place,
            self,
        ).job()
        self.register_outputs({})


def component(settings: Settings) -> PatternComponent:
    """Return the function that makes the pattern with these settings."""
    return lambda name, place, opts: Reinterpretation(name, settings, place, opts)
