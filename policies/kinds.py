"""Which resources are objects of the cluster, and which of those belong to the whole of it."""

from __future__ import annotations

from policies.model import Node, Resource
from sslab.kubernetes import kinds


def is_object(resource: Resource) -> bool:
    """Tell whether a resource becomes an object of the cluster, as a chart by itself does not."""
    return bool(resource.group) and resource.group not in kinds.PULUMI_GROUPS


def cluster_scoped(resource: Resource) -> bool:
    """Tell whether a resource is an object of the whole cluster."""
    namespace = Node(resource.props).child("metadata", "namespace").value
    return kinds.cluster_scoped(resource.group, resource.kind, namespace)
