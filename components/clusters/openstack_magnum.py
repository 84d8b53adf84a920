"""A cluster of Magnum, OpenStack's own cluster service."""

from __future__ import annotations

import pulumi
from pulumi_openstack.containerinfra import (
    Cluster,
    ClusterArgs,
    NodeGroup,
    NodeGroupArgs,
)

from components.clusters.deployment import asked, looked_up
from components.clusters.openstack_network import OpenStackNetwork
from sslab.site.cluster import NodePool
from sslab.site.cluster import OpenStackCluster as Facts

LEAST = 1


def make_magnum(
    prefix: str, facts: Facts, inside: OpenStackNetwork, child: pulumi.ResourceOptions
) -> tuple[Cluster, list[NodeGroup]]:
    """Make the cluster with the first pool, and a node group for each of the others."""
    first, *others = facts.node_pools
    template = facts.template or ""
    cluster = Cluster(
        prefix,
        ClusterArgs(
            name=prefix,
            cluster_template_id=looked_up(template, lambda: _template_id(template, child)),
            keypair=facts.key_pair,
            master_flavor=facts.control_plane,
            master_count=1,
            flavor=first.machine,
            # Magnum makes no cluster without a worker
            node_count=max(first.least, LEAST),
            fixed_network=inside.network.id,
            fixed_subnet=inside.subnet.id,
            floating_ip_enabled=True,
            labels={
                "auto_scaling_enabled": "true",
                "min_node_count": str(max(first.least, LEAST)),
                "max_node_count": str(first.most),
            },
            merge_labels=True,
        ),
        opts=_growing(child, inside),
    )
    groups = [_group(prefix, pool, cluster, child, inside) for pool in others]
    return cluster, groups


def _group(
    prefix: str,
    pool: NodePool,
    cluster: Cluster,
    child: pulumi.ResourceOptions,
    inside: OpenStackNetwork,
) -> NodeGroup:
    return NodeGroup(
        f"{prefix}-{pool.name}",
        NodeGroupArgs(
            name=pool.name,
            cluster_id=cluster.id,
            flavor_id=pool.machine,
            role="worker",
            node_count=pool.least,
            min_node_count=pool.least,
            max_node_count=pool.most,
        ),
        # Magnum deletes a cluster with its groups, and takes a moment too long for one alone
        opts=pulumi.ResourceOptions.merge(
            _growing(child, inside), pulumi.ResourceOptions(deleted_with=cluster)
        ),
    )


def _growing(child: pulumi.ResourceOptions, inside: OpenStackNetwork) -> pulumi.ResourceOptions:
    """Return options by which the count of nodes is left to the cluster's autoscaler."""
    more = pulumi.ResourceOptions(ignore_changes=["nodeCount"], depends_on=[inside.way_out])
    return pulumi.ResourceOptions.merge(child, more)


def _template_id(name: str, child: pulumi.ResourceOptions) -> pulumi.Output[str]:
    async def found() -> str:
        known = await asked(
            "openstack:containerinfra/getClusterTemplate:getClusterTemplate", {"name": name}, child
        )
        return str(known["id"])

    return pulumi.Output.from_input(found())


def reach(cluster: Cluster, groups: list[NodeGroup]) -> pulumi.Output[str]:
    """Return the kubeconfig that Magnum gives out, known once every group is there."""
    parts = pulumi.Output.all(cluster.kubeconfig, *(each.id for each in groups))
    return pulumi.Output.secret(
        parts.apply(lambda known: str((known[0] or {}).get("raw_config", "")))
    )


def first_address(cluster: Cluster) -> pulumi.Output[str]:
    """Return the floating address of a node, where its node ports are reached."""
    return cluster.node_addresses.apply(lambda addresses: addresses[0] if addresses else "")
