"""The order in which objects are applied: what others need comes first."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_RANKS = {
    kind: rank
    for rank, kinds in (
        (0, ("Namespace",)),
        (5, ("CustomResourceDefinition", "PriorityClass", "StorageClass", "IngressClass")),
        (10, ("ResourceQuota", "LimitRange", "NetworkPolicy", "PodDisruptionBudget")),
        (15, ("ServiceAccount", "Secret", "ConfigMap")),
        (20, ("ClusterRole", "Role")),
        (25, ("ClusterRoleBinding", "RoleBinding")),
        (30, ("PersistentVolume",)),
        (35, ("PersistentVolumeClaim",)),
        (40, ("Service", "EndpointSlice")),
        (50, ("Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "Pod")),
        (60, ("CronJob", "Job")),
        (70, ("HorizontalPodAutoscaler", "Ingress", "HTTPRoute")),
    )
    for kind in kinds
}
_OTHERS = 80
"""Objects of other kinds come last: their definitions, and who watches them, are there by then."""


def file_name(manifest: Mapping[str, Any]) -> str:
    """Return the name of an object's file, in whose alphabetical order objects are applied.

    The number in front is the kind's, not the object's: one more object renames no other file.
    """
    metadata = manifest["metadata"]
    kind = str(manifest["kind"])
    words = [f"{_RANKS.get(kind, _OTHERS):02}-{kind.lower()}"]
    words += [str(metadata["namespace"])] if metadata.get("namespace") else []
    # an underscore, which no name of Kubernetes has: no two objects share a file name
    return "_".join([*words, str(metadata["name"]).replace(":", "_")]) + ".yaml"
