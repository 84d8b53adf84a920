"""The hyper-parameter search's settings in a site file."""

from __future__ import annotations

from pydantic import Field

from sslab.site.types import DnsLabel, Model, Quantity


class Settings(Model):
    """What a site may choose."""

    trials: int = Field(
        default=40,
        ge=1,
        le=2000,
        description="How many trials there are in the end. More than before goes on with those "
        "that are done.",
    )
    workers: int = Field(default=2, ge=1, le=32, description="How many pods do trials at once.")
    seed: int = Field(
        default=20190622, ge=0, le=2**32 - 1, description="Seed of the events and of the search."
    )
    events: int = Field(
        default=600, ge=50, le=2000, description="Events that the classifier learns from."
    )
    grace_s: int = Field(
        default=20,
        ge=2,
        le=3600,
        description="Seconds of silence after which a worker is taken for dead, and its trial is "
        "done again.",
    )
    queue: DnsLabel | None = Field(
        default=None,
        description="The group, of `scheduling.groups`, in whose quota the pods run; they wait "
        "where it is used up.",
    )
    cpu: Quantity = Field(default="250m", description="CPU that each worker requests.")
    memory: Quantity = Field(default="384Mi", description="Memory of each worker.")
