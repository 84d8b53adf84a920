"""Namespaces: one for each layer and pattern that runs pods."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
from pulumi_kubernetes.core.v1 import (
    LimitRange,
    LimitRangeInitArgs,
    LimitRangeItemArgs,
    LimitRangeSpecArgs,
    Namespace,
    NamespaceInitArgs,
    ResourceQuota,
    ResourceQuotaInitArgs,
    ResourceQuotaSpecArgs,
)
from pulumi_kubernetes.meta.v1 import ObjectMetaArgs

from components.workloads import HouseRules
from sslab.catalogue.contract import Powers
from sslab.catalogue.shares import Share

MANAGED_BY = {"app.kubernetes.io/managed-by": "pulumi", "app.kubernetes.io/part-of": "ssl"}


@dataclass(frozen=True, kw_only=True)
class NamespacesArgs:
    """The namespaces, and what may run in each.

    `powers` has the contract of the layer or pattern that a namespace is for, by the namespace's
    name; `shares` what its pods may request together, empty where the site's quota is not known.
    """

    powers: Mapping[str, Powers]
    shares: Mapping[str, Share]
    house: HouseRules


class Namespaces(pulumi.ComponentResource):
    """Namespaces under Pod Security, each with a quota and default limits."""

    names: Mapping[str, pulumi.Output[str]]
    """Each namespace's name, known once the namespace and its limits are there."""

    def __init__(
        self, name: str, args: NamespacesArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("ssl:components:Namespaces", name, None, opts)
        self.names = {one: self._namespace(one, args) for one in args.powers}
        self.register_outputs({"names": dict(self.names)})

    def _namespace(self, name: str, args: NamespacesArgs) -> pulumi.Output[str]:
        levels = {
            f"pod-security.kubernetes.io/{mode}": args.powers[name].pod_security
            for mode in ("enforce", "audit", "warn")
        }
        namespace = Namespace(
            name,
            NamespaceInitArgs(metadata=ObjectMetaArgs(name=name, labels={**MANAGED_BY, **levels})),
            opts=pulumi.ResourceOptions(parent=self),
        )
        inside = ObjectMetaArgs(name="ssl", namespace=namespace.metadata.name, labels=MANAGED_BY)
        guards: list[pulumi.CustomResource] = [self._limits(name, inside, args.house)]
        if name in args.shares:
            guards.append(self._quota(name, inside, args.shares[name]))
        return pulumi.Output.all(namespace.metadata.name, *(each.id for each in guards)).apply(
            lambda known: str(known[0])
        )

    def _quota(self, name: str, metadata: ObjectMetaArgs, share: Share) -> ResourceQuota:
        hard = {
            "requests.cpu": share.cpu,
            "requests.memory": share.memory,
            "requests.storage": share.storage,
            "pods": str(share.pods),
            **{f"requests.{name}": str(count) for name, count in share.accelerators.items()},
        }
        return ResourceQuota(
            f"{name}-quota",
            ResourceQuotaInitArgs(metadata=metadata, spec=ResourceQuotaSpecArgs(hard=hard)),
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _limits(self, name: str, metadata: ObjectMetaArgs, house: HouseRules) -> LimitRange:
        """Bound the containers that state nothing themselves."""
        requests = {"cpu": "50m", "memory": "64Mi"}
        container = LimitRangeItemArgs(
            type="Container",
            default=house.limits(requests, {"cpu": "500m", "memory": "256Mi"}),
            default_request=requests,
        )
        return LimitRange(
            f"{name}-limits",
            LimitRangeInitArgs(metadata=metadata, spec=LimitRangeSpecArgs(limits=[container])),
            opts=pulumi.ResourceOptions(parent=self),
        )
