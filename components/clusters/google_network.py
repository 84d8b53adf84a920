"""The network of a cluster at Google: nodes without public addresses, and what leads in and out."""

from __future__ import annotations

import re
from dataclasses import dataclass

import pulumi
from pulumi_gcp.compute import (
    Address,
    AddressArgs,
    Network,
    NetworkArgs,
    Router,
    RouterArgs,
    RouterNat,
    RouterNatArgs,
    Subnetwork,
    SubnetworkArgs,
    SubnetworkSecondaryIpRangeArgs,
)
from pulumi_gcp.dns import RecordSet, RecordSetArgs

from components.clusters.outputs import text
from sslab.site.cluster import GkeCluster as Facts

PODS, SERVICES = "pods", "services"
TTL_S = 300


@dataclass(frozen=True)
class GoogleNetwork:
    """What of the network a cluster needs; `nat` is there once nodes reach the outside."""

    network: Network
    subnetwork: Subnetwork
    nat: RouterNat


def region_of(location: str) -> str:
    """Return the region of a location, which is a region or one of its zones."""
    return re.sub(r"-[a-z]$", "", location)


def make_network(
    prefix: str, facts: Facts, node_network: str, child: pulumi.ResourceOptions
) -> GoogleNetwork:
    """Make the network, with ranges for pods and Services, and the way out for private nodes."""
    region = region_of(facts.region)
    network = Network(prefix, NetworkArgs(name=prefix, auto_create_subnetworks=False), opts=child)
    subnetwork = Subnetwork(
        prefix,
        SubnetworkArgs(
            name=prefix,
            network=network.id,
            region=region,
            ip_cidr_range=node_network,
            secondary_ip_ranges=[
                SubnetworkSecondaryIpRangeArgs(range_name=name, ip_cidr_range=addresses)
                for name, addresses in (
                    (PODS, facts.pod_network),
                    (SERVICES, facts.service_network),
                )
            ],
            # Google's own registries and storage without the way through the NAT
            private_ip_google_access=True,
        ),
        opts=child,
    )
    router = Router(prefix, RouterArgs(name=prefix, network=network.id, region=region), opts=child)
    nat = RouterNat(
        prefix,
        RouterNatArgs(
            name=prefix,
            router=router.name,
            region=region,
            nat_ip_allocate_option="AUTO_ONLY",
            source_subnetwork_ip_ranges_to_nat="ALL_SUBNETWORKS_ALL_IP_RANGES",
        ),
        opts=child,
    )
    return GoogleNetwork(network, subnetwork, nat)


def reserve_address(prefix: str, facts: Facts, child: pulumi.ResourceOptions) -> pulumi.Output[str]:
    """Reserve the address of the load balancer, so that it outlives the Service."""
    name = f"{prefix}-ingress"
    args = AddressArgs(name=name, region=region_of(facts.region), address_type="EXTERNAL")
    return text(Address(name, args, opts=child).address)


def make_record(
    zone: str, domain: str, address: pulumi.Input[str], child: pulumi.ResourceOptions
) -> None:
    """Make every name below a domain lead to an address."""
    RecordSet(
        f"{zone}-services",
        RecordSetArgs(
            managed_zone=zone, name=f"*.{domain}.", type="A", ttl=TTL_S, rrdatas=[address]
        ),
        opts=child,
    )
