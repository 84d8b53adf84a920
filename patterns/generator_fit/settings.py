"""The generator fit's settings in a site file."""

from __future__ import annotations

from pydantic import Field

from sslab.site.types import Model, Quantity


class Settings(Model):
    """What a site may choose."""

    seed: int = Field(
        default=20190622, ge=0, le=2**63 - 1, description="Seed of the generated decays."
    )
    events: int = Field(default=20_000, ge=5000, le=200_000, description="Decays to generate.")
    cpu: Quantity = Field(default="250m", description="CPU that the pod requests.")
    memory: Quantity = Field(default="384Mi", description="Memory of the pod.")
