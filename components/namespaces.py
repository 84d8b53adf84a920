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

POD_SECURITY = "restricted"
MANAGED_BY = {"app.kubernetes.io/managed-by": "pulumi", "app.kubernetes.io/part-of": "ssl"}


@dataclass(frozen=True, kw_only=True)
class NamespacesArgs:
    """The namespaces' names, and what the pods in each of them may request together.

    `cpu` and `memory` are Kubernetes quantities; `pods` is a number.
    """

    names: tuple[str, ...]
    cpu: str
    memory: str
    pods: int


class Namespaces(pulumi.ComponentResource):
    """Namespaces under Pod Security `restricted`, each with a quota and default limits."""

    names: Mapping[str, pulumi.Output[str]]
    """Each namespace's name, known once the namespace and its limits are there."""

    def __init__(
        self, name: str, args: NamespacesArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("ssl:components:Namespaces", name, None, opts)
        self.names = {one: self._namespace(one, args) for one in args.names}
        self.register_outputs({"names": dict(self.names)})

    def _namespace(self, name: str, args: NamespacesArgs) -> pulumi.Output[str]:
        child = pulumi.ResourceOptions(parent=self)
        levels = {
            f"pod-security.kubernetes.io/{mode}": POD_SECURITY
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
                        "requests.cpu": args.cpu,
                        "requests.memory": args.memory,
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
