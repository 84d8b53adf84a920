"""The template fit's settings in a site file."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, field_validator

from sslab.site.types import Model, Quantity


class Settings(Model):
    """What a site may choose."""

    seed: int = Field(
        default=20190622, ge=0, le=2**63 - 1, description="Seed of the pseudo-experiment."
    )
    scan: tuple[Annotated[int, Field(ge=0, le=64)], ...] = Field(
        default=(0, 6, 12, 24, 48),
        min_length=1,
        max_length=20,
        description="Numbers of systematics to fit with, rising.",
    )
    cpu: Quantity = Field(default="250m", description="CPU that the pod requests.")
    memory: Quantity = Field(default="384Mi", description="Memory of the pod.")

    @field_validator("scan")
    @classmethod
    def _rising(cls, scan: tuple[int, ...]) -> tuple[int, ...]:
        if list(scan) != sorted(set(scan)):
            raise ValueError("the numbers of systematics have to rise, for instance [0, 6, 12]")
        return scan
