"""The nodes of a cluster at Google: their account, and pools that grow with the load."""

from __future__ import annotations

from collections.abc import Sequence

import pulumi
from pulumi_gcp.container import (
    Cluster,
    NodePool,
    NodePoolArgs,
    NodePoolAutoscalingArgs,
    NodePoolManagementArgs,
    NodePoolNodeConfigArgs,
    NodePoolNodeConfigGuestAcceleratorArgs,
    NodePoolNodeConfigGuestAcceleratorGpuDriverInstallationConfigArgs,
    NodePoolNodeConfigShieldedInstanceConfigArgs,
    NodePoolNodeConfigWorkloadMetadataConfigArgs,
)
from pulumi_gcp.projects import IAMMember, IAMMemberArgs
from pulumi_gcp.serviceaccount import Account, AccountArgs

from components.clusters.google_accounts import account_id, member
from components.clusters.sizes import gibibytes
from sslab.site import cluster

# write logs and metrics; pull images from the project's registry
ROLES = ("roles/container.defaultNodeServiceAccount", "roles/artifactregistry.reader")
SCOPE = "https://www.googleapis.com/auth/cloud-platform"


def make_node_account(
    prefix: str, project: str, child: pulumi.ResourceOptions
) -> pulumi.Output[str]:
    """Make the account of the nodes; return its address, known once it has its rights."""
    name = f"{prefix}-nodes"
    account = Account(
        name,
        AccountArgs(account_id=account_id(name), display_name="The laboratory's nodes"),
        opts=child,
    )
    rights = [
        IAMMember(
            f"{name}-{role.rpartition('.')[2].lower()}",
            IAMMemberArgs(project=project, role=role, member=member(account)),
            opts=child,
        )
        for role in ROLES
    ]
    return pulumi.Output.all(account.email, *(each.id for each in rights)).apply(
        lambda known: str(known[0] or "")
    )


def make_node_pools(
    prefix: str,
    made: Cluster,
    pools: Sequence[cluster.NodePool],
    account: pulumi.Input[str],
    child: pulumi.ResourceOptions,
) -> list[NodePool]:
    """Make the pools of a cluster."""
    # the count at the start is no wish for later: changing it would make the pool anew
    opts = pulumi.ResourceOptions.merge(
        child, pulumi.ResourceOptions(ignore_changes=["initialNodeCount"])
    )
    return [
        NodePool(
            f"{prefix}-{pool.name}",
            NodePoolArgs(
                name=pool.name,
                cluster=made.id,
                initial_node_count=min(pool.least, 1),
                autoscaling=NodePoolAutoscalingArgs(
                    total_min_node_count=pool.least,
                    total_max_node_count=pool.most,
                    location_policy="ANY" if pool.spot else "BALANCED",
                ),
                management=NodePoolManagementArgs(auto_repair=True, auto_upgrade=True),
                node_config=_node(pool, account),
            ),
            opts=opts,
        )
        for pool in pools
    ]


def _node(pool: cluster.NodePool, account: pulumi.Input[str]) -> NodePoolNodeConfigArgs:
    accelerators = []
    if pool.gpu is not None and pool.gpus:
        accelerators.append(
            NodePoolNodeConfigGuestAcceleratorArgs(
                type=pool.gpu,
                count=pool.gpus,
                gpu_driver_installation_config=(
                    NodePoolNodeConfigGuestAcceleratorGpuDriverInstallationConfigArgs(
                        gpu_driver_version="DEFAULT"
                    )
                ),
            )
        )
    return NodePoolNodeConfigArgs(
        machine_type=pool.machine,
        disk_size_gb=gibibytes(pool.disk) if pool.disk else None,
        spot=pool.spot,
        guest_accelerators=accelerators or None,
        service_account=account,
        oauth_scopes=[SCOPE],
        # pods get the rights of their own accounts, and never those of the node
        workload_metadata_config=NodePoolNodeConfigWorkloadMetadataConfigArgs(mode="GKE_METADATA"),
        shielded_instance_config=NodePoolNodeConfigShieldedInstanceConfigArgs(
            enable_secure_boot=True, enable_integrity_monitoring=True
        ),
    )
