"""The Kubernetes cluster that carries the laboratory."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
from pulumi_kubernetes import Provider, ProviderArgs


@dataclass(frozen=True, kw_only=True)
class KubernetesClusterArgs:
    """How the cluster is reached: a kubeconfig, and the context in it (None: its current).

    The kubeconfig is a file's path where there is one, else its content, which is a secret.
    """

    kubeconfig: pulumi.Input[str]
    context: str | None


class KubernetesCluster(pulumi.ComponentResource):
    """A cluster that is there, reached by a kubeconfig."""

    provider: Provider

    def __init__(
        self, name: str, args: KubernetesClusterArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("ssl:components:KubernetesCluster", name, None, opts)
        self.provider = Provider(
            name,
            ProviderArgs(
                kubeconfig=args.kubeconfig,
                context=args.context,
                enable_server_side_apply=True,
                # pods restart by the hash of their secrets; nothing has to be deleted for new ones
                enable_secret_mutable=True,
                enable_config_map_mutable=True,
            ),
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.register_outputs({})
