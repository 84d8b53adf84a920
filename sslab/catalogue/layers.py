"""The contracts of the substrate's layers: what the policies let each of them do, what it takes."""

from __future__ import annotations

from collections.abc import Mapping

from sslab.catalogue.contract import Needs, Powers

LAYER_POWERS: Mapping[str, Powers] = {
    "Laboratory": Powers(),
    "KubernetesCluster": Powers(),
    "Namespaces": Powers(cluster_scoped=("Namespace",)),
    "Storage": Powers(),
    "LoadBalancing": Powers(),
    # Traefik reads the cluster's nodes and ingress classes, and is reached at a node port
    "Ingress": Powers(
        cluster_scoped=("ClusterRole", "ClusterRoleBinding", "IngressClass"), external_service=True
    ),
    "ObjectStorage": Powers(),
}
"""Powers by the component's kind; a kind that is not here has none."""

LAYER_NEEDS: Mapping[str, Needs] = {
    # two pods of Traefik: the new one is there before the old one goes
    "Ingress": Needs(cpu="100m", memory="384Mi"),
    # SeaweedFS' store and its S3 gateway
    "ObjectStorage": Needs(cpu="100m", memory="896Mi"),
}
"""What a layer's pods request together, by the component's kind; the others run no pods."""
