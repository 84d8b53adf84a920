"""The settings in a site file."""

from __future__ import annotations

from pydantic import Field

from sslab.site.types import Model, Quantity


class Settings(Model):
    """What a site may choose."""

    seed: int = Field(
        default=20190622, ge=0, le=2**63 - 1, description="Seed of the generated events."
    )
    events: int = Field(
        default=50_000, ge=5_000, le=500_000, description="Events that both revisions analyse."
    )
    cpu: Quantity = Field(default="250m", description="CPU that the pod requests.")
    memory: Quantity = Field(default="512Mi", description="Memory of the pod.")
