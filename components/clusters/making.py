"""Which cluster a site gets, and what of the site file it is made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi

from components.clusters.deployment import deployed
from components.clusters.outputs import ClusterOutputs
from sslab.catalogue.secrets import K3S_ADMIN, K3S_AUTHORITY, K3S_JOIN, cloud_makes_keys
from sslab.cluster.access import require_known
from sslab.safety.fixed_fields import NODE_NETWORK
from sslab.site.cluster import GkeCluster, OpenStackCluster
from sslab.site.model import Site
from sslab.site.object_storage import GcsObjects
from sslab.site.substrate import CloudBalancer, NodePorts, OctaviaBalancer, TraefikIngress

UNKNOWN = "not-known"


@dataclass(frozen=True, kw_only=True)
class MakingArgs:
    """A site, its secrets by key, and a kubeconfig in the place of the made cluster's."""

    site: Site
    secrets: Mapping[str, pulumi.Output[str]]
    kubeconfig: pulumi.Output[str] | None


def make_cluster(args: MakingArgs, opts: pulumi.ResourceOptions) -> ClusterOutputs | None:
    """Make the cluster of a site; None where there is one already, or none at all.

    Raises SslabError where a fact is missing that it cannot be made without.
    """
    cluster = args.site.cluster
    if not isinstance(cluster, GkeCluster | OpenStackCluster):
        return None
    if deployed():  # a plan shows what is known so far
        require_known(args.site)
    if isinstance(cluster, GkeCluster):
        return _at_google(args, cluster, opts)
    return _on_openstack(args, cluster, opts)


def _at_google(
    args: MakingArgs, offered: GkeCluster, opts: pulumi.ResourceOptions
) -> ClusterOutputs:
    # imported here, as below: nobody waits for a cloud's SDK who does not use that cloud
    from components.clusters import google

    site = args.site
    balancing = site.load_balancing if isinstance(site.ingress, TraefikIngress) else None
    objects = site.object_storage
    made = google.GkeCluster(
        "cloud",
        google.GkeClusterArgs(
            prefix=f"ssl-{site.name}",
            project=offered.project or UNKNOWN,
            offered=offered,
            node_network=site.cni.node_network or NODE_NETWORK,
            domain=site.reached.domain if site.reached else None,
            reserve_address=isinstance(balancing, CloudBalancer),
            address=balancing.address if isinstance(balancing, CloudBalancer) else None,
            objects=objects if isinstance(objects, GcsObjects) else None,
            windows=site.maintenance_windows,
            kubeconfig=args.kubeconfig,
        ),
        opts=opts,
    )
    return made.outputs


def _on_openstack(
    args: MakingArgs, offered: OpenStackCluster, opts: pulumi.ResourceOptions
) -> ClusterOutputs:
    from components.clusters import openstack, openstack_k3s

    site = args.site
    balancing = site.load_balancing if isinstance(site.ingress, TraefikIngress) else None
    ports: dict[int, int] = {}
    if isinstance(balancing, NodePorts | OctaviaBalancer):
        nodes = balancing if isinstance(balancing, NodePorts) else openstack.NODE_PORTS
        ports = {80: nodes.http}
        if site.reached and site.reached.tls:
            ports[443] = nodes.https
    k3s = (
        openstack_k3s.K3sSecrets(
            authority=args.secrets[K3S_AUTHORITY],
            join_token=args.secrets[K3S_JOIN],
            admin_token=args.secrets[K3S_ADMIN],
        )
        if offered.method == "k3s"
        else None
    )
    made = openstack.OpenStackCluster(
        "cloud",
        openstack.OpenStackClusterArgs(
            prefix=f"ssl-{site.name}",
            offered=offered,
            node_network=site.cni.node_network or NODE_NETWORK,
            ports=ports,
            octavia=isinstance(balancing, OctaviaBalancer),
            address=balancing.address if isinstance(balancing, OctaviaBalancer) else None,
            buckets=site.buckets if cloud_makes_keys(site) else (),
            secrets=k3s,
            kubeconfig=args.kubeconfig,
        ),
        opts=opts,
    )
    return made.outputs
