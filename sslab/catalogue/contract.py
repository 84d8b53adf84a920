"""The schema of `pattern.yaml`: what a pattern is, needs and provides."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from sslab.site.types import DnsLabel, DnsName, Model, Quantity, ResourceName


class StorageNeed(Model):
    """A persistent volume that the pattern asks for."""

    access_mode: Literal["ReadWriteOnce", "ReadWriteMany"]
    size: Quantity


class Needs(Model):
    """What a site must offer so that the pattern can run."""

    cpu: Quantity = Field(description="CPU cores that its pods request at the default settings.")
    memory: Quantity = Field(description="Memory that its pods request at the default settings.")
    gpu: int = Field(default=0, ge=0, description="Accelerators that its pods request together.")
    gpu_resource: ResourceName = Field(
        default="nvidia.com/gpu", description="The resource by which it asks for accelerators."
    )
    ingress: bool = Field(default=False, description="It answers HTTP from outside.")
    object_storage: bool = Field(default=False, description="It needs the bucket of its name.")
    storage: tuple[StorageNeed, ...] = ()
    cvmfs: tuple[DnsName, ...] = Field(
        default=(), description="The CVMFS repositories that its pods mount."
    )
    batch: bool = Field(default=False, description="It sends work to a batch system.")
    login: bool = Field(default=False, description="Its users log in.")
    own_login: bool = Field(
        default=False,
        description="With `login`: the application logs its users in itself, at the site's issuer. "
        "Default: the laboratory does so in front of it.",
    )
    network_policy: bool = Field(
        default=False, description="It is safe only where NetworkPolicies are enforced."
    )
    egress: tuple[DnsName, ...] = Field(
        default=(), description="The hosts outside that its pods reach."
    )


class Powers(Model):
    """What the policies let the pattern do beyond the rules; everything is off by default."""

    cluster_scoped: tuple[str, ...] = Field(
        default=(), description="Kinds of cluster-scoped objects it creates."
    )
    cluster_secrets: bool = Field(
        default=False, description="It may read the Secrets of every namespace."
    )
    cluster_admin: bool = Field(
        default=False, description="It may do anything in the cluster; implies `cluster_secrets`."
    )
    privileged: bool = Field(
        default=False,
        description="Privileged containers; with them goes every capability, gain of privileges "
        "and the lack of a seccomp profile.",
    )
    capabilities: tuple[str, ...] = Field(
        default=(), description="Linux capabilities that its containers add, such as `NET_RAW`."
    )
    host_path: bool = Field(default=False, description="Volumes that are the node's own folders.")
    host_network: bool = Field(
        default=False, description="The node's network: all of it, or a port by `hostPort`."
    )
    host_pid: bool = Field(default=False, description="It sees the node's processes.")
    run_as_root: bool = Field(default=False, description="Containers that run as uid 0.")
    external_service: bool = Field(
        default=False,
        description="Services of type NodePort or LoadBalancer, or with external addresses.",
    )

    @property
    def pod_security(self) -> Literal["privileged", "baseline", "restricted"]:
        """The strictest level of Pod Security under which the powers can be used."""
        beyond_baseline = (
            self.privileged,
            self.host_path,
            self.host_network,
            self.host_pid,
            self.capabilities,
        )
        if any(beyond_baseline):
            return "privileged"
        return "baseline" if self.run_as_root else "restricted"


class Contract(Model):
    """One pattern's contract."""

    name: DnsLabel
    title: str
    summary: str = Field(description="One sentence for somebody who is no physicist.")
    upstream: str | None = None
    licence: str
    image: DnsLabel = Field(description="The folder of `images/` that its pods run.")
    other_images: tuple[DnsLabel, ...] = Field(
        default=(), description="Folders of `images/` that others of its pods run."
    )
    passwords: tuple[DnsLabel, ...] = Field(
        default=(),
        description="Passwords that are made once for it and kept in the stack's configuration.",
    )
    needs: Needs
    powers: Powers = Powers()
    metrics_port: int | None = Field(
        default=None,
        ge=1,
        le=65535,
        description="The TCP port where each of its pods answers Prometheus at `/metrics`.",
    )
    provides: tuple[str, ...] = Field(default=(), description="What a site gains by it.")
