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
    image: str = Field(
        default="hub.opensciencegrid.org/slate/condor-worker:10.0.2",
        pattern=r"^[a-z0-9][a-z0-9._/-]{1,250}(:[A-Za-z0-9._-]{1,128})?(@sha256:[0-9a-f]{64})?$",
        description="The workers' image. The default is the chart's, a tag: the policies want its "
        "digest behind it, `@sha256:...`.",
    )
