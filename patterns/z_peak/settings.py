"""The Z peak's settings in a site file."""

from __future__ import annotations

from pydantic import Field

from sslab.site.types import Model, Quantity


class Settings(Model):
    """What a site may choose."""

    seed: int = Field(
        default=20190622, ge=0, le=2**63 - 1, description="Seed of the generated sample."
    )
    signal_events: int = Field(
        default=100_000, ge=1000, le=500_000, description="Muon pairs from Z bosons."
    )
    background_events: int = Field(
        default=10_000, ge=1000, le=500_000, description="Muon pairs from elsewhere."
    )
    cpu: Quantity = Field(default="250m", description="CPU that the pod requests.")
    memory: Quantity = Field(default="768Mi", description="Memory of the pod.")
