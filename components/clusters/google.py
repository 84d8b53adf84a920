"""A private Kubernetes cluster at Google, with its network, nodes, address and storage."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
from pulumi_gcp import Provider, ProviderArgs
from pulumi_gcp.container import (
    Cluster,
    ClusterArgs,
    ClusterIpAllocationPolicyArgs,
    ClusterMasterAuthorizedNetworksConfigArgs,
    ClusterMasterAuthorizedNetworksConfigCidrBlockArgs,
    ClusterPrivateClusterConfigArgs,
    ClusterReleaseChannelArgs,
    ClusterWorkloadIdentityConfigArgs,
)

from components.buckets import Credentials
from components.clusters import google_network, google_nodes, google_storage
from components.clusters.google_maintenance import maintenance_policy
from components.clusters.google_network import GoogleNetwork
from components.clusters.outputs import ClusterOutputs
from sslab.cluster import kubeconfig
from sslab.site import cluster
from sslab.site.facts import MaintenanceWindow
from sslab.site.object_storage import GcsObjects


@dataclass(frozen=True, kw_only=True)
class GkeClusterArgs:
    """The cluster of a site file, and what else of the site has to do with it.

    `prefix` stands before the names of all that is made; `project` is the Google Cloud project;
    `node_network` is the network of the nodes. `domain` is the services', None where nothing
    leads to them. `reserve_address` is whether the cloud's balancer gets an address of its own;
    `address` the one that the site has reserved. `objects` are the buckets to make. `windows`
    are when Google may upgrade it, empty: at any time. `kubeconfig` takes the place of the made
    cluster's.
    """

    prefix: str
    project: str
    offered: cluster.GkeCluster
    node_network: str
    domain: str | None
    reserve_address: bool
    address: str | None
    objects: GcsObjects | None
    windows: tuple[MaintenanceWindow, ...]
    kubeconfig: pulumi.Output[str] | None


class GkeCluster(pulumi.ComponentResource):
    """A cluster on Google Kubernetes Engine, whose nodes have no public addresses."""

    outputs: ClusterOutputs

    def __init__(
        self, name: str, args: GkeClusterArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("ssl:components:GkeCluster", name, None, opts)
        provider = Provider(
            name,
            ProviderArgs(
                project=args.project, region=google_network.region_of(args.offered.region)
            ),
            opts=pulumi.ResourceOptions(parent=self),
        )
        child = pulumi.ResourceOptions(parent=self, provider=provider)
        network = google_network.make_network(args.prefix, args.offered, args.node_network, child)
        made = _cluster(args, network, child)
        account = google_nodes.make_node_account(args.prefix, args.project, child)
        pools = google_nodes.make_node_pools(
            args.prefix, made, args.offered.node_pools, account, child
        )
        ready = [network.nat, *pools]
        self.outputs = ClusterOutputs(
            kubeconfig=args.kubeconfig or _kubeconfig(made, ready),
            address=_address(args, child),
            balancing=None,
            credentials=_buckets(args, child),
            file_server=google_storage.make_file_server(
                args.prefix, args.offered.region, args.offered.filestore, network, child
            )
            if args.offered.filestore
            else None,
        )
        self.register_outputs({"address": self.outputs.address})


def _cluster(args: GkeClusterArgs, inside: GoogleNetwork, child: pulumi.ResourceOptions) -> Cluster:
    facts = args.offered
    return Cluster(
        args.prefix,
        ClusterArgs(
            name=args.prefix,
            location=facts.region,
            network=inside.network.id,
            subnetwork=inside.subnetwork.id,
            # the pools are resources of their own
            remove_default_node_pool=True,
            initial_node_count=1,
            # enforces NetworkPolicies
            datapath_provider="ADVANCED_DATAPATH",
            maintenance_policy=maintenance_policy(args.windows),
            release_channel=ClusterReleaseChannelArgs(channel=facts.release_channel.upper()),
            ip_allocation_policy=ClusterIpAllocationPolicyArgs(
                cluster_secondary_range_name=google_network.PODS,
                services_secondary_range_name=google_network.SERVICES,
            ),
            private_cluster_config=ClusterPrivateClusterConfigArgs(
                enable_private_nodes=True,
                # the API server keeps a public address: whoever deploys is outside
                enable_private_endpoint=False,
            ),
            master_authorized_networks_config=ClusterMasterAuthorizedNetworksConfigArgs(
                cidr_blocks=[
                    ClusterMasterAuthorizedNetworksConfigCidrBlockArgs(cidr_block=network)
                    for network in facts.api_networks
                ]
            ),
            workload_identity_config=ClusterWorkloadIdentityConfigArgs(
                workload_pool=f"{args.project}.svc.id.goog"
            ),
            # `sslab destroy` lists what goes and asks
            deletion_protection=False,
        ),
        opts=child,
    )


def _kubeconfig(made: Cluster, ready: list[pulumi.CustomResource]) -> pulumi.Output[str]:
    """Return how the cluster is reached, known once nodes are there and reach the outside."""
    certificate = made.master_auth.apply(
        lambda known: str(known.cluster_ca_certificate or "") if known else ""
    )
    parts = pulumi.Output.all(made.endpoint, certificate, *(each.id for each in ready))
    return pulumi.Output.secret(
        parts.apply(
            lambda known: kubeconfig.by_google_account(f"https://{known[0] or ''}", known[1])
        )
    )


def _address(args: GkeClusterArgs, child: pulumi.ResourceOptions) -> pulumi.Output[str] | None:
    """Return where the services' names have to point, and make them point there."""
    address = pulumi.Output.from_input(args.address) if args.address else None
    if args.reserve_address and address is None:
        address = google_network.reserve_address(args.prefix, args.offered, child)
    if address is not None and args.domain and args.offered.dns_zone:
        google_network.make_record(args.offered.dns_zone, args.domain, address, child)
    return address


def _buckets(args: GkeClusterArgs, child: pulumi.ResourceOptions) -> Mapping[str, Credentials]:
    if args.objects is None:
        return {}
    return google_storage.make_buckets(args.prefix, args.objects, child)
