"""The network of a cluster on OpenStack: a router to the outside, and who may reach the nodes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import pulumi
from pulumi_openstack.networking import (
    FloatingIp,
    FloatingIpArgs,
    Network,
    NetworkArgs,
    Router,
    RouterArgs,
    RouterInterface,
    RouterInterfaceArgs,
    SecGroup,
    SecGroupArgs,
    SecGroupRule,
    SecGroupRuleArgs,
    Subnet,
    SubnetArgs,
)

from components.clusters.deployment import asked, looked_up
from components.clusters.outputs import text

EVERYWHERE = "0.0.0.0/0"


@dataclass(frozen=True)
class OpenStackNetwork:
    """What of the network a cluster needs; `way_out` is there once nodes reach the outside."""

    network: Network
    subnet: Subnet
    way_out: RouterInterface


def make_network(
    prefix: str, external: str | None, node_network: str, child: pulumi.ResourceOptions
) -> OpenStackNetwork:
    """Make the nodes' network, and a router from there to the provider's network."""
    network = Network(prefix, NetworkArgs(name=prefix), opts=child)
    subnet = Subnet(
        prefix,
        SubnetArgs(name=prefix, network_id=network.id, cidr=node_network, ip_version=4),
        opts=child,
    )
    router = Router(
        prefix,
        RouterArgs(
            name=prefix,
            external_network_id=looked_up(external, lambda: _network_id(external, child))
            if external
            else None,
        ),
        opts=child,
    )
    way_out = RouterInterface(
        prefix, RouterInterfaceArgs(router_id=router.id, subnet_id=subnet.id), opts=child
    )
    return OpenStackNetwork(network, subnet, way_out)


def _network_id(name: str, child: pulumi.ResourceOptions) -> pulumi.Output[str]:
    async def found() -> str:
        known = await asked(
            "openstack:networking/getNetwork:getNetwork", {"name": name, "external": True}, child
        )
        return str(known["id"])

    return pulumi.Output.from_input(found())


@dataclass(frozen=True)
class Door:
    """TCP ports of the nodes that are open to networks outside; `name` is the rules'."""

    name: str
    ports: tuple[int, ...]
    networks: tuple[str, ...]


def make_security_group(
    prefix: str, doors: Iterable[Door], child: pulumi.ResourceOptions
) -> SecGroup:
    """Make the group of the nodes: all is open among them, and from outside what a door says."""
    group = SecGroup(
        prefix,
        SecGroupArgs(name=prefix, description="The nodes of the laboratory's cluster"),
        opts=child,
    )
    SecGroupRule(
        f"{prefix}-among-nodes",
        SecGroupRuleArgs(
            security_group_id=group.id,
            direction="ingress",
            ethertype="IPv4",
            remote_group_id=group.id,
        ),
        opts=child,
    )
    for door in doors:
        for port in door.ports:
            for number, network in enumerate(door.networks):
                SecGroupRule(
                    f"{prefix}-{door.name}-{port}-{number}",
                    SecGroupRuleArgs(
                        security_group_id=group.id,
                        direction="ingress",
                        ethertype="IPv6" if ":" in network else "IPv4",
                        protocol="tcp",
                        port_range_min=port,
                        port_range_max=port,
                        remote_ip_prefix=network,
                    ),
                    opts=child,
                )
    return group


def make_address(
    name: str, external: str | None, child: pulumi.ResourceOptions
) -> pulumi.Output[str]:
    """Take a floating address of the provider's network."""
    return text(FloatingIp(name, FloatingIpArgs(pool=external), opts=child).address)
