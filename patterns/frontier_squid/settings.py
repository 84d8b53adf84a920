"""Frontier Squid's settings in a site file."""

from __future__ import annotations

from pydantic import Field

from sslab.site.types import Model, WebAddress


class Settings(Model):
    """What a site may choose."""

    cache_memory_mb: int = Field(
        default=1024,
        ge=128,
        le=500_000,
        description="Memory for cached documents, in MB; the pod gets twice as much.",
    )
    cache_disk_mb: int = Field(
        default=10_000,
        ge=1000,
        le=900_000,
        description="Disk for cached documents, in MB, on the node where it runs.",
    )
    clients: str = Field(
        default="10.0.0.0/8 172.16.0.0/12 192.168.0.0/16",
        pattern=r"^[0-9a-f.:]+/[0-9]{1,3}( [0-9a-f.:]+/[0-9]{1,3}){0,20}$",
        description="The networks whose addresses may use it, with spaces between.",
    )
    probe: WebAddress = Field(
        default="http://cvmfs-s1goc.opensciencegrid.org:8000"
        "/cvmfs/oasis.opensciencegrid.org/.cvmfspublished",
        description="What is asked for through it to see whether it keeps a copy.",
    )
