"""The schema of `pattern.yaml`: what a pattern is, needs and provides."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from sslab.site.model import DnsLabel, Model, Quantity


class StorageNeed(Model):
    """A persistent volume that the pattern asks for."""

    access_mode: Literal["ReadWriteOnce", "ReadWriteMany"]
    size: Quantity


class Needs(Model):
    """What a site must offer so that the pattern can run."""

    cpu: Quantity = Field(description="CPU cores that its pods request at the default settings.")
    memory: Quantity = Field(description="Memory that its pods request at the default settings.")
    ingress: bool = Field(default=False, description="It answers HTTP from outside.")
    object_storage: bool = Field(default=False, description="It needs the bucket of its name.")
    storage: tuple[StorageNeed, ...] = ()


class Powers(Model):
    """What the policies let the pattern do beyond the rules; everything is off by default."""

    cluster_scoped: tuple[str, ...] = Field(
        default=(), description="Kinds of cluster-scoped objects it creates."
    )
    privileged: bool = False
    host_path: bool = False
    host_network: bool = False
    run_as_root: bool = False


class Contract(Model):
    """One pattern's contract."""

    name: DnsLabel
    title: str
    summary: str = Field(description="One sentence for somebody who is no physicist.")
    upstream: str | None = None
    licence: str
    image: DnsLabel = Field(description="The folder of `images/` that its pods run.")
    needs: Needs
    powers: Powers = Powers()
    provides: tuple[str, ...] = Field(default=(), description="What a site gains by it.")
