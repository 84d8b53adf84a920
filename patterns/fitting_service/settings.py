"""The fitting service's settings in a site file."""

from __future__ import annotations

from pydantic import Field

from sslab.site.types import Model, Quantity


class Settings(Model):
    """What a site may choose."""

    replicas: int = Field(default=1, ge=1, le=64, description="How many pods answer.")
    cpu: Quantity = Field(default="250m", description="CPU that each pod requests.")
    cpu_limit: int = Field(
        default=2,
        ge=1,
        le=256,
        description="Cores that each pod may use, a fit on each.",
    )
    memory: Quantity = Field(default="1Gi", description="Memory of each pod, request and limit.")
    fit_timeout_s: int = Field(
        default=60, ge=1, le=3600, description="Seconds that one fit may take."
    )
