"""What the site and the laboratory agree on: quota, house rules, login, monitoring, rollout."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from pydantic import Field

from sslab.site.facts import Fact
from sslab.site.types import (
    ClientId,
    Day,
    DnsLabel,
    EntityId,
    Model,
    OneLine,
    Quantity,
    WebAddress,
    Word,
)


class Quota(Fact):
    """What the laboratory may take of the cluster, all namespaces together."""

    cpu: Quantity = Field(description="CPU cores that pods may request together.", examples=["4"])
    memory: Quantity = Field(
        description="Memory that pods may request together, in bytes.", examples=["6Gi"]
    )
    pods: int = Field(
        ge=1, description="How many pods may exist at once in a namespace.", examples=[50]
    )
    gpu: int = Field(default=0, ge=0, description="Accelerators that pods may request together.")


class BarePods(Model):
    """What the site does to pods that no controller owns."""

    hours: int = Field(ge=1, description="It deletes them after so many hours.", examples=[6])
    cpu: Quantity | None = Field(
        default=None, description="The most CPU cores one may request.", examples=["16"]
    )
    memory: Quantity | None = Field(
        default=None, description="The most memory one may request, in bytes.", examples=["32Gi"]
    )
    gpu: int | None = Field(
        default=None, ge=0, description="The most accelerators one may request.", examples=[2]
    )


class Rules(Fact):
    """The site's house rules; the policies hold every object to them."""

    limits_over_requests_percent: int | None = Field(
        default=None,
        ge=0,
        le=1000,
        description="How far a limit for CPU or memory may be above its request, in percent of "
        "the request. Null: as far as you like.",
        examples=[20],
    )
    bare_pods: BarePods | None = Field(
        default=None, description="Pods that no controller owns. Null: no rule about them."
    )


class LocalUser(Model):
    """Somebody whom the laboratory itself knows; the password is a credential of the stack."""

    name: DnsLabel = Field(description="The name that is typed at a login.", examples=["ada"])
    groups: tuple[DnsLabel, ...] = Field(
        default=(), description="The groups that the user is in.", examples=[["physics"]]
    )


class Identity(Fact):
    """Who may log in: an OpenID Connect issuer, and the identity providers it stands for."""

    issuer: WebAddress = Field(
        description="The issuer's address, as in its discovery document.",
        examples=["https://login.example.edu"],
    )
    client: ClientId | None = Field(
        default=None,
        description="The client id under which the laboratory is registered there; its secret is "
        "in the stack's encrypted configuration. Null: not registered yet.",
        examples=["ssl"],
    )
    identity_providers: tuple[EntityId, ...] = Field(
        default=(),
        description="The EntityIDs of the institutions whose members may log in. Default: all "
        "that the issuer knows.",
        examples=[["urn:mace:incommon:example.edu"]],
    )
    username_claim: Word = Field(default="sub", description="The claim that names a user.")
    groups_claim: Word = Field(
        default="groups", description="The claim that lists a user's groups."
    )
    users: tuple[LocalUser, ...] = Field(
        default=(),
        description="Users whom the laboratory itself knows. It then runs the issuer, which "
        "answers at `login.<ingress.domain>`: for a laptop, or a site without an issuer. Default: "
        "the issuer is somebody else's.",
    )


class Monitoring(Model):
    """Metrics of the laboratory."""

    mode: Literal["own", "reuse", "off"] = Field(
        default="off",
        description="`own`: the laboratory runs Prometheus. `reuse`: it makes ServiceMonitors for "
        "the site's. `off`: nothing.",
    )
    labels: Mapping[Word, Word] = Field(
        default={},
        description="The labels by which the site's Prometheus selects ServiceMonitors.",
        examples=[{"release": "prometheus"}],
    )


class Federation(Model):
    """The site as a member of the federation that shares work."""

    weight: int = Field(
        default=1, ge=0, le=100, description="Its share of the work; 0: none for now."
    )


class Rollout(Model):
    """When and how a merged change reaches the site."""

    wave: int = Field(
        default=1, ge=0, le=9, description="Its wave: 0 is first, the canary; 9 is last."
    )
    mode: Literal["push", "pull"] = Field(
        default="push",
        description="`push`: the workflow deploys, with the credentials of the site's environment. "
        "`pull`: it has none, and writes the manifests to the branch `rendered/<site>`, which the "
        "cluster's Flux or Argo CD follows.",
    )
    on_failure: Literal["stop", "revert"] = Field(
        default="stop",
        description="What the workflow does after a deployment that fails or does not pass its "
        "smoke tests. `stop`: it leaves what is there. `revert`: it puts the last revision back "
        "that passed. Either way no later wave is deployed.",
    )


class Exemption(Model):
    """One policy that one object of the site need not keep, for a while."""

    policy: DnsLabel = Field(
        description="The policy's id, as docs/policies.md lists it.", examples=["images-pinned"]
    )
    object: OneLine = Field(
        description="The object, as Kind/namespace/name, or Kind/name in whichever namespace.",
        examples=["Deployment/my-pattern/my-pattern"],
    )
    reason: OneLine = Field(
        description="Why, for whoever reads this file.", examples=["upstream has no digest yet"]
    )
    expires: Day = Field(
        description="The last day on which it holds. After that the policy refuses the object "
        "again.",
        examples=["2027-03-31"],
    )


class DataLoss(Model):
    """One object whose data may be lost, for a while."""

    object: OneLine = Field(
        description="The object, as Kind/namespace/name, and as Kind/name where it is in no "
        "namespace or not Kubernetes'. The plan that refuses the loss names it.",
        examples=["PersistentVolumeClaim/my-pattern/my-pattern"],
    )
    reason: OneLine = Field(
        description="Why, for whoever reads this file.", examples=["copied to another class"]
    )
    expires: Day = Field(
        description="The last day on which it may be deleted or replaced. After that its data are "
        "protected again.",
        examples=["2027-03-31"],
    )
