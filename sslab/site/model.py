"""The schema of a site file: what a location is, has and allows.

Every model is frozen and refuses unknown fields. A fact that nobody knows is null, never a guess.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import Field

from sslab.site.agreement import (
    DataLoss,
    Exemption,
    Federation,
    Identity,
    Monitoring,
    Quota,
    Rollout,
    Rules,
)
from sslab.site.cluster import Cluster, Cni, Privilege
from sslab.site.facts import Batch, Capacity, Contact, Gpu, Location, MaintenanceWindow, Network
from sslab.site.object_storage import ObjectStorage
from sslab.site.scheduling import Scheduling
from sslab.site.substrate import (
    Charts,
    Cvmfs,
    Ingress,
    LoadBalancing,
    Nothing,
    Reached,
    Registry,
    Storage,
)
from sslab.site.types import ONE_LINE, DnsLabel, GitHubOwner, Model


class Site(Model):
    """One site: everything that the laboratory needs to know about a location."""

    name: DnsLabel = Field(
        description="The site's name: that of its file and of its stack.", examples=["example"]
    )
    title: str = Field(
        pattern=ONE_LINE,
        max_length=100,
        description="What people call the site: one line.",
        examples=["Example University"],
    )
    status: Literal["active", "planned"] = Field(
        default="active",
        description="`planned`: validated and shown, never deployed; what is not known may be "
        "missing.",
    )
    contacts: tuple[Contact, ...] = Field(default=(), description="Teams to write to, by role.")
    owners: tuple[GitHubOwner, ...] = Field(
        default=(),
        description="GitHub teams that are asked to review changes of this file; `CODEOWNERS` is "
        "made from it. Empty: the repository's own team.",
        examples=[["@example/ssl"]],
    )
    location: Location | None = Field(default=None, description="Where the site is.")
    cluster: Cluster = Field(description="The Kubernetes cluster that carries the laboratory.")
    privilege: Privilege = Field(
        default=Privilege(), description="The powers that the site gives to the laboratory."
    )
    cni: Cni = Field(default=Cni(), description="The cluster's network.")
    quota: Quota | None = Field(
        default=None,
        description="What the laboratory may take of the cluster. An active site needs it.",
    )
    capacity: Capacity | None = Field(default=None, description="What the whole site has.")
    gpus: tuple[Gpu, ...] = Field(default=(), description="The accelerators of the site, by model.")
    storage: Storage | None = Field(
        default=None, description="Persistent volumes. An active site needs it."
    )
    ingress: Ingress | None = Field(
        default=None,
        description="How HTTP from outside reaches the services. An active site needs it.",
    )
    load_balancing: LoadBalancing | None = Field(
        default=None,
        description="How traffic reaches the ingress. An active site needs it.",
    )
    object_storage: ObjectStorage | None = Field(
        default=None, description="S3-compatible object storage. Null: not known, or none."
    )
    cvmfs: Cvmfs | None = Field(
        default=None, description="Software by CVMFS. Null: not known, or none."
    )
    identity: Identity | None = Field(default=None, description="Who may log in. Null: nobody.")
    monitoring: Monitoring = Field(default=Monitoring(), description="Metrics of the laboratory.")
    scheduling: Scheduling | None = Field(
        default=None,
        description="Queues in which Jobs wait for the quota of their group. Null: there are none.",
    )
    registry: Registry = Field(default=Registry(), description="Where images come from.")
    charts: Charts = Field(default=Charts(), description="Where Helm charts come from.")
    batch: tuple[Batch, ...] = Field(
        default=(), description="Batch systems that the laboratory may send work to."
    )
    rules: Rules = Field(
        default=Rules(), description="The site's house rules, which the policies enforce."
    )
    exemptions: tuple[Exemption, ...] = Field(
        default=(), description="Policies that single objects need not keep, with reason and end."
    )
    data_loss: tuple[DataLoss, ...] = Field(
        default=(),
        description="Objects that hold data and may be deleted or replaced all the same, with "
        "reason and end. All others are protected.",
    )
    network: Network | None = Field(
        default=None, description="How the site is connected to the outside."
    )
    maintenance_windows: tuple[MaintenanceWindow, ...] = Field(
        default=(), description="When the site may change or be away."
    )
    federation: Federation | None = Field(
        default=None, description="Membership of the federation. Null: not a member."
    )
    rollout: Rollout = Field(
        default=Rollout(), description="When and how a merged change reaches the site."
    )
    patterns: Mapping[DnsLabel, Mapping[str, Any]] = Field(
        default={},
        description="The analysis patterns to run, each with its settings; `{}` for the defaults. "
        "A pattern's page says which settings it has.",
    )

    @property
    def context(self) -> str | None:
        """The kubeconfig context that reaches the cluster, where it is one that exists."""
        return getattr(self.cluster, "context", None)

    @property
    def reached(self) -> Reached | None:
        """How services are reached by HTTP, None where they are not."""
        return self.ingress if isinstance(self.ingress, Reached) else None

    @property
    def buckets(self) -> tuple[str, ...]:
        """The buckets of the site's object storage."""
        offered = self.object_storage
        return () if offered is None or isinstance(offered, Nothing) else offered.buckets

    @property
    def port(self) -> int:
        """The TCP port in the services' URLs."""
        if self.reached is None:
            return 80
        return self.reached.port or (443 if self.reached.tls else 80)

    def host(self, service: str) -> str:
        """Return the host name at which `service` answers. Raises ValueError without ingress."""
        if self.reached is None:
            raise ValueError(f"{self.name} has no ingress")
        return f"{service}.{self.reached.domain}"

    def url(self, service: str) -> str:
        """Return the URL at which `service` answers, without a trailing slash."""
        host = self.host(service)
        is_encrypted = self.reached is not None and self.reached.tls is not None
        usual = 443 if is_encrypted else 80
        port = "" if self.port == usual else f":{self.port}"
        return f"{'https' if is_encrypted else 'http'}://{host}{port}"
