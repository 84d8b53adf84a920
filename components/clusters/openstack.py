"""A Kubernetes cluster on OpenStack: Magnum's, or instances with k3s, and what is around it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import pulumi
from pulumi_openstack import Provider, ProviderArgs

from components.clusters import (
    k3s,
    openstack_balancer,
    openstack_k3s,
    openstack_magnum,
    openstack_network,
    openstack_storage,
)
from components.clusters.openstack_k3s import K3sSecrets
from components.clusters.openstack_network import Door, OpenStackNetwork
from components.clusters.outputs import ClusterOutputs
from sslab.site import cluster
from sslab.site.substrate import NodePorts

SSH = 22
NODE_PORTS = NodePorts(kind="node-ports")
"""Where Traefik is at every node, when a balancer that the laboratory has made leads there."""


@dataclass(frozen=True, kw_only=True)
class OpenStackClusterArgs:
    """The cluster of a site file, and what else of the site has to do with it.

    `prefix` stands before the names of all that is made. `node_network` is the network of the
    nodes. `ports` leads from a port that clients know to a node port, empty where nothing leads to
    the nodes; `octavia` is whether a load balancer does, at `address` where the site has reserved
    one. `buckets` are those to make keys for. `secrets` are k3s'. `kubeconfig` takes the place of
    the made cluster's.
    """

    prefix: str
    offered: cluster.OpenStackCluster
    node_network: str
    ports: Mapping[int, int]
    octavia: bool
    address: str | None
    buckets: tuple[str, ...]
    secrets: K3sSecrets | None
    kubeconfig: pulumi.Output[str] | None


class OpenStackCluster(pulumi.ComponentResource):
    """A cluster in the laboratory's own network of an OpenStack project."""

    outputs: ClusterOutputs

    def __init__(
        self, name: str, args: OpenStackClusterArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("ssl:components:OpenStackCluster", name, None, opts)
        facts = args.offered
        provider = Provider(
            name,
            ProviderArgs(cloud=facts.cloud, region=facts.region),
            opts=pulumi.ResourceOptions(parent=self),
        )
        child = pulumi.ResourceOptions(parent=self, provider=provider)
        inside = openstack_network.make_network(
            args.prefix, facts.external_network, args.node_network, child
        )
        if args.secrets is None:
            reached = _magnum(args, inside, child)
        else:
            reached = _instances(args, args.secrets, inside, child)
        self.outputs = ClusterOutputs(
            kubeconfig=reached.kubeconfig,
            address=reached.address,
            balancing=reached.balancing,
            credentials=openstack_storage.make_keys(args.buckets, child),
            file_server=openstack_storage.make_share(
                args.prefix, facts.share, args.node_network, inside, child
            )
            if facts.share
            else None,
            cloud_config=openstack_storage.make_cloud_config(
                args.prefix, facts.auth_url, facts.region, child
            )
            if facts.auth_url
            else None,
        )
        self.register_outputs({"address": self.outputs.address})


class _Reached(NamedTuple):
    """How a cluster is reached, and what takes the place of the site's load balancing."""

    kubeconfig: pulumi.Output[str]
    address: pulumi.Output[str] | None
    balancing: NodePorts | None


def _magnum(
    args: OpenStackClusterArgs, inside: OpenStackNetwork, child: pulumi.ResourceOptions
) -> _Reached:
    made, groups = openstack_magnum.make_magnum(args.prefix, args.offered, inside, child)
    address = pulumi.Output.from_input(args.address) if args.address else None
    if args.ports and not args.octavia:
        address = openstack_magnum.first_address(made)
    # Magnum brings the cloud controller that asks Octavia for what Services want
    return _Reached(args.kubeconfig or openstack_magnum.reach(made, groups), address, None)


def _instances(
    args: OpenStackClusterArgs,
    secrets: K3sSecrets,
    inside: OpenStackNetwork,
    child: pulumi.ResourceOptions,
) -> _Reached:
    facts, prefix = args.offered, args.prefix
    group = openstack_network.make_security_group(prefix, _doors(args), child)
    own = openstack_network.make_address(f"{prefix}-control-plane", facts.external_network, child)
    nodes = openstack_k3s.make_nodes(prefix, facts, inside, group, own, secrets, child)
    kubeconfig = args.kubeconfig or openstack_k3s.reach(own, secrets, nodes)
    if not (args.octavia and args.ports):
        return _Reached(kubeconfig, own if args.ports else None, None)
    address = (
        pulumi.Output.from_input(args.address)
        if args.address
        else openstack_network.make_address(f"{prefix}-ingress", facts.external_network, child)
    )
    openstack_balancer.make_balancer(prefix, address, args.ports, nodes.workers, inside, child)
    return _Reached(kubeconfig, address, NODE_PORTS)


def _doors(args: OpenStackClusterArgs) -> list[Door]:
    """Return what of the nodes is open: to the balancer in their network, or to everybody."""
    facts = args.offered
    clients = args.node_network if args.octavia else openstack_network.EVERYWHERE
    doors = [
        Door("api", (k3s.API_PORT,), facts.api_networks),
        Door("ingress", tuple(args.ports.values()), (clients,)),
    ]
    if facts.key_pair is not None:
        doors.append(Door("ssh", (SSH,), facts.api_networks))
    return doors
