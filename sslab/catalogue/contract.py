"""The schema of `pattern.yaml`: what a pattern is, needs and provides."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from sslab.site.types import (
    ChartAddress,
    ChartVersion,
    Digest,
    DnsLabel,
    DnsName,
    Model,
    OneLine,
    Quantity,
    ResourceName,
)


class StorageNeed(Model):
    """A persistent volume that the pattern asks for."""

    access_mode: Literal["ReadWriteOnce", "ReadWriteMany"] = Field(
        description="Whether pods of one node may write to it, or those of all nodes."
    )
    size: Quantity = Field(description="Its size in bytes.", examples=["8Gi"])
    by_class: bool = Field(
        default=False,
        description="A StorageClass has to give it, as the application claims it itself; for "
        "`ReadWriteMany` a file server does not do.",
    )
    setting: str | None = Field(
        default=None,
        description="The setting of the pattern that takes the place of the size, where the site "
        "file has it.",
        examples=["users_storage"],
    )


class Needs(Model):
    """What a site must offer so that the pattern can run."""

    cpu: Quantity = Field(
        description="CPU cores that its pods request together at the default settings.",
        examples=["500m"],
    )
    memory: Quantity = Field(
        description="Memory that its pods request together at the default settings.",
        examples=["1Gi"],
    )
    gpu: int = Field(default=0, ge=0, description="Accelerators that its pods request together.")
    gpu_resource: ResourceName = Field(
        default="nvidia.com/gpu", description="The resource by which it asks for accelerators."
    )
    ingress: bool = Field(default=False, description="It answers HTTP from outside.")
    load_balancer: bool = Field(
        default=False,
        description="It takes an address of its own of the load balancer, for more than HTTP.",
    )
    object_storage: bool = Field(default=False, description="It needs the bucket of its name.")
    storage: tuple[StorageNeed, ...] = Field(
        default=(), description="The persistent volumes that it asks for."
    )
    cvmfs: tuple[DnsName, ...] = Field(
        default=(), description="The CVMFS repositories that its pods mount."
    )
    batch: bool = Field(default=False, description="It sends work to a batch system.")
    batch_if_there: bool = Field(
        default=False,
        description="It joins a batch system of the site, and does without where there is none.",
    )
    login: bool = Field(default=False, description="Its users log in.")
    own_login: bool = Field(
        default=False,
        description="With `login`: the application logs its users in itself, at the site's issuer. "
        "Default: the laboratory does so in front of it.",
    )
    callback: str | None = Field(
        default=None,
        pattern="^/[A-Za-z0-9/_.-]+$",
        description="With `own_login`: the path of its own host name to which the issuer sends "
        "users back. Null: another host name's, which the laboratory's own issuer does not know.",
    )
    registry: bool = Field(
        default=False, description="It pushes images to the site's registry, and runs them."
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


class PublishedChart(Model):
    """A Helm chart: where its project publishes it, and which version of it is run."""

    name: DnsLabel = Field(description="What the chart is called.", examples=["servicex"])
    version: ChartVersion = Field(
        description="The version that is run, as the chart states it.", examples=["1.8.5"]
    )
    address: ChartAddress = Field(
        description="The chart repository that lists it, or all of its address in a registry.",
        examples=["https://charts.example.org", "oci://registry.example.org/charts/app"],
    )
    digest: Digest | None = Field(
        default=None,
        description="Pins the content of a chart in a registry. Null: nobody has looked it up.",
        examples=["sha256:" + 64 * "0"],
    )


class Scan(Model):
    """One parameter that is varied, to see how the watched numbers depend on it: an x axis."""

    parameter: OneLine = Field(
        description="A setting of the pattern, or what a benchmark varies.", examples=["replicas"]
    )
    values: tuple[int | float | str, ...] = Field(
        min_length=2, description="The values that it takes, in the order of the axis."
    )


class Sla(Model):
    """What a site that gives resources to the pattern gets for them: numbers, and when."""

    metrics: tuple[OneLine, ...] = Field(
        min_length=1,
        description="The numbers that are watched, the y axes: checks of the smoke test by their "
        "names, metrics of its outcome, or `duration (s)` of the test itself.",
        examples=[["duration (s)"]],
    )
    scans: tuple[Scan, ...] = Field(
        default=(), description="The parameters that are scanned, the x axes."
    )
    window: str = Field(
        pattern="^[1-9][0-9]{0,3} (hours|days|weeks)$",
        description="How long the resources are used and the numbers watched, before both are "
        "looked at anew.",
        examples=["30 days"],
    )
    publish: tuple[Literal["pattern", "results"], ...] = Field(
        min_length=1,
        description="What has to be published: the pattern as it was deployed, with its settings; "
        "the records of its runs (docs/results.md).",
    )


class GivenCredential(Model):
    """A credential that somebody else gives out to the site, for this pattern."""

    name: DnsLabel = Field(
        description="What it is called: the site gives it as the secret `<pattern>-<name>`.",
        examples=["certificate"],
    )
    kind: Literal["certificate", "private-key"] = Field(
        description="What it is; both are text in PEM, as files with them are."
    )
    purpose: OneLine = Field(
        description="What it is for, as `sslab secrets list` tells.",
        examples=["the servers that it reads from know the cache by it"],
    )


class Contract(Model):
    """One pattern's contract."""

    name: DnsLabel = Field(
        description="What site files call it: its folder, with hyphens.", examples=["my-pattern"]
    )
    title: OneLine = Field(description="What people call it.", examples=["My pattern"])
    summary: OneLine = Field(description="One sentence for somebody who is no physicist.")
    upstream: str | None = Field(
        default=None, description="Where the application that it runs is kept."
    )
    licence: OneLine = Field(
        description="That application's licence, by its SPDX identifier.", examples=["Apache-2.0"]
    )
    image: DnsLabel | None = Field(
        default=None,
        description="The folder of `images/` that its pods run. Null: those of its charts.",
        examples=["analysis"],
    )
    other_images: tuple[DnsLabel, ...] = Field(
        default=(), description="Folders of `images/` that others of its pods run."
    )
    charts: tuple[PublishedChart, ...] = Field(
        default=(), description="The published Helm charts that it is deployed by."
    )
    passwords: tuple[DnsLabel, ...] = Field(
        default=(),
        description="Passwords that are made once for it and kept in the stack's configuration.",
    )
    credentials: tuple[GivenCredential, ...] = Field(
        default=(), description="Credentials that the site has to give for it."
    )
    needs: Needs = Field(description="What a site must offer so that the pattern can run.")
    powers: Powers = Field(
        default=Powers(), description="What the policies let the pattern do beyond the rules."
    )
    metrics_port: int | None = Field(
        default=None,
        ge=1,
        le=65535,
        description="The TCP port where each of its pods answers Prometheus at `/metrics`.",
    )
    provides: tuple[str, ...] = Field(default=(), description="What a site gains by it.")
    sla: Sla | None = Field(
        default=None,
        description="What is watched while it runs, for how long, and what has to be published.",
    )

    @model_validator(mode="after")
    def _runs_something(self) -> Contract:
        if self.image is None and not self.charts:
            raise ValueError('runs nothing; add "image: ..." or "charts: ..."')
        return self
