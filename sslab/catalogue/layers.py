"""The contracts of the substrate's layers: what the policies let each of them do."""

from __future__ import annotations

from collections.abc import Mapping

from sslab.catalogue.contract import Powers

LAYER_POWERS: Mapping[str, Powers] = {
    "Laboratory": Powers(),
    "KubernetesCluster": Powers(),
    "Namespaces": Powers(cluster_scoped=("Namespace",)),
    "Storage": Powers(),
    "LoadBalancing": Powers(),
    # Traefik reads services and ingresses of every namespace and is reached at a node port
    "Ingress": Powers(
        cluster_scoped=("ClusterRole", "ClusterRoleBinding", "IngressClass"), external_service=True
    ),
    "ObjectStorage": Powers(),
}
"""Powers by the component's kind; a kind that is not here has none."""
