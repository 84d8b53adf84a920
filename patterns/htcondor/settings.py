"""The settings of HTCondor's workers in a site file."""

from __future__ import annotations

from pydantic import Field

from sslab.site.types import Model


class Settings(Model):
    """What a site may choose."""

    workers: int = Field(default=2, ge=1, le=1000, description="Workers: pods that run jobs.")
    worker_cpus: int = Field(
        default=1, ge=1, le=256, description="Cores of each of them; jobs share them out."
    )
    worker_memory_mb: int = Field(
        default=2048, ge=512, le=4_000_000, description="Memory of each of them, in MiB."
    )
