"""The settings of the reinterpretation in a site file."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from sslab.site.types import Model, Quantity


class Settings(Model):
    """What a site may choose."""

    seed: int = Field(default=20190622, ge=0, le=2**32 - 1, description="Seed of the collisions.")
    events: int = Field(
        default=80_000,
        ge=20_000,
        le=1_000_000,
        multiple_of=4,
        description="Collisions of the new model that are generated.",
    )
    mass_gev: Literal[260, 300, 340, 380, 420, 460] = Field(
        default=300, description="Mass of the new particle, in GeV."
    )
    cross_section_fb: float = Field(
        default=0.6,
        ge=0.01,
        le=1000,
        description="Its cross section, times its share of decays into muons, in femtobarn.",
    )
    cpu: Quantity = Field(default="500m", description="CPU that the pod requests.")
    memory: Quantity = Field(default="768Mi", description="Memory of the pod.")
