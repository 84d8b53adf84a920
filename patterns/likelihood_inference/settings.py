"""The settings of likelihood inference in a site file."""

from __future__ import annotations

from pydantic import Field

from sslab.site.types import Model, Quantity


class Settings(Model):
    """What a site may choose."""

    seed: int = Field(
        default=20190622, ge=0, le=2**32 - 1, description="Seed of the collisions and the training."
    )
    training_events: int = Field(
        default=200_000,
        ge=100_000,
        le=500_000,
        description="Collisions of each kind to train with.",
    )
    cpu: Quantity = Field(default="250m", description="CPU that the pod requests.")
    memory: Quantity = Field(default="512Mi", description="Memory of the pod.")
