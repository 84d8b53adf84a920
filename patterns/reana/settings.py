"""REANA's settings in a site file."""

from __future__ import annotations

from pydantic import Field

from sslab.site.types import Model, Quantity


class Settings(Model):
    """What a site may choose."""

    workflows: int = Field(
        default=4, ge=1, le=10_000, description="Workflows that run at once; others wait."
    )
    job_cpu: Quantity = Field(
        default="500m", description="CPU that a job requests which asks for none itself."
    )
    job_memory: Quantity = Field(default="1Gi", description="Memory of such a job.")
    most_job_memory: Quantity = Field(
        default="4Gi", description="Memory that a job may ask for, at most."
    )
    shared_gb: int = Field(
        default=200,
        ge=10,
        le=999_999,  # Helm writes a larger number with an exponent, which is no quantity
        description="The volume of all workspaces and of the database, in GB (10^9 bytes).",
    )
