"""The Kubernetes cluster that carries the laboratory."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pulumi
from pulumi_kubernetes import Provider, ProviderArgs


@dataclass(frozen=True, kw_only=True)
class KubernetesClusterArgs:
    """How the cluster is reached: a kubeconfig file and the context in it (None: its current)."""

    kubeconfig: Path
    context: str | None


class KubernetesCluster(pulumi.ComponentResource):
    """A cluster that exists already, reached by a kubeconfig."""

    provider: Provider

    def __init__(
        self, name: str, args: KubernetesClusterArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("ssl:components:KubernetesCluster", name, None, opts)
        self.provider = Provider(
            name,
            ProviderArgs(
                # the path, not the content: the content holds a private key
                kubeconfig=str(args.kubeconfig),
                context=args.context,
                enable_server_side_apply=True,
                # pods restart by the hash of their secrets; nothing has to be deleted for new ones
                enable_secret_mutable=True,
                enable_config_map_mutable=True,
            ),
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.register_outputs({})
