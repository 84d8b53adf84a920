"""Dask Gateway's settings in a site file."""

from __future__ import annotations

from pydantic import Field

from sslab.site.types import Model, Quantity


class Settings(Model):
    """What a site may choose."""

    workers: int = Field(default=4, ge=1, le=10_000, description="Workers of one cluster, at most.")
    worker_cpu: Quantity = Field(default="500m", description="CPU that each worker requests.")
    worker_memory: Quantity = Field(default="2Gi", description="Memory of each worker.")
    worker_threads: int = Field(default=1, ge=1, le=256, description="Tasks of a worker at once.")
    idle_s: int = Field(
        default=1800, ge=60, le=86_400, description="Seconds after which an idle cluster ends."
    )
    image: str | None = Field(
        default=None,
        pattern=r"^[a-z0-9][a-z0-9./_:-]{0,200}:[A-Za-z0-9._-]{1,100}$",
        description="The image of schedulers and workers, with a tag: it has to hold what an "
        "analysis imports. Null: the chart's, which holds Dask alone.",
        examples=["registry.example.edu/ssl/analysis:2026.1"],
    )
