"""An account of the cloud for drivers in the cluster, where their charts look for it."""

from __future__ import annotations

import pulumi
from pulumi_kubernetes.core.v1 import Secret, SecretInitArgs
from pulumi_kubernetes.meta.v1 import ObjectMetaArgs

from components.cluster import KubernetesCluster

NAME, NAMESPACE, KEY = "cloud-config", "kube-system", "cloud.conf"


def put(config: pulumi.Output[str], cluster: KubernetesCluster) -> None:
    """Put the configuration with the account into the cluster."""
    Secret(
        NAME,
        SecretInitArgs(
            metadata=ObjectMetaArgs(name=NAME, namespace=NAMESPACE), string_data={KEY: config}
        ),
        opts=pulumi.ResourceOptions(parent=cluster, provider=cluster.provider),
    )
