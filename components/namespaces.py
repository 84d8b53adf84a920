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

from components.quotas import Share
from sslab.catalogue.contract import Powers

MANAGED_BY = {"app.kubernetes.io/managed-by": "pulumi", "app.kubernetes.io/part-of": "ssl"}


@dataclass(frozen=True, kw_only=True)
class NamespacesArgs:
    """The namespaces, what may run in each, and how many pods (a number) in each of them.

    `powers` has the contract of the layer or pattern that a namespace is for, `shares` what its
    pods may request together; both by the namespace's name.
    """

    powers: Mapping[str, Powers]
    shares: Mapping[str, Share]
    pods: int


class Namespaces(pulumi.ComponentResource):
    """Namespaces under Pod Security, each with a quota and default limits."""

    names: Mapping[str, pulumi.Output[str]]
    """Each namespace's name, known once the namespace and its limits are there."""

    def __init__(
        self, name: str, args: NamespacesArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("ssl:components:Namespaces", name, None, opts)
        self.names = {one: self._namespace(one, args) for one in args.shares}
        self.register_outputs({"names": dict(self.names)})

    def _namespace(self, name: str, args: NamespacesArgs) -> pulumi.Output[str]:
        child = pulumi.ResourceOptions(parent=self)
        levels = {
            f"pod-security.kubernetes.io/{mode}": pod_security(args.powers[name])
            for mode in ("enforce", "audit", "warn")
        }
        namespace = Namespace(
            name,
            NamespaceInitArgs(metadata=ObjectMetaArgs(name=name, labels={**MANAGED_BY, **levels})),
            opts=child,
        )
        inside = ObjectMetaArgs(name="ssl", namespace=namespace.metadata.name, labels=MANAGED_BY)
        quota = ResourceQuota(
            f"{name}-quota",
            ResourceQuotaInitArgs(
                metadata=inside,
                spec=ResourceQuotaSpecArgs(
                    hard={
                        "requests.cpu": args.shares[name].cpu,
                        "requests.memory": args.shares[name].memory,
                        "requests.storage": args.shares[name].storage,
                        "pods": str(args.pods),
                    }
                ),
            ),
            opts=child,
        )
        limits = LimitRange(
            f"{name}-limits",
            LimitRangeInitArgs(
                metadata=inside,
                spec=LimitRangeSpecArgs(
                    limits=[
                        LimitRangeItemArgs(
                            type="Container",
                            default={"cpu": "500m", "memory": "256Mi"},
                            default_request={"cpu": "50m", "memory": "64Mi"},
                        )
                    ]
                ),
            ),
            opts=child,
        )
        return pulumi.Output.all(namespace.metadata.name, quota.id, limits.id).apply(
            lambda known: str(known[0])
        )


def pod_security(powers: Powers) -> str:
    """Return the strictest Pod Security level that lets a contract's powers be used."""
    beyond_baseline = (
        powers.privileged,
        powers.host_path,
        powers.host_network,
        powers.host_pid,
        powers.capabilities,
    )
    if any(beyond_baseline):
        return "privileged"
    return "baseline" if powers.run_as_root else "restricted"
