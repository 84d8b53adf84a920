"""Octavia in front of a cluster of instances, where no cloud controller asks for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pulumi
from pulumi_openstack.loadbalancer import (
    Listener,
    ListenerArgs,
    LoadBalancer,
    LoadBalancerArgs,
    Member,
    MemberArgs,
    Pool,
    PoolArgs,
)
from pulumi_openstack.networking import FloatingIpAssociate, FloatingIpAssociateArgs

from components.clusters.openstack_network import OpenStackNetwork


def make_balancer(
    prefix: str,
    address: pulumi.Input[str],
    ports: Mapping[int, int],
    workers: Sequence[pulumi.Output[str]],
    inside: OpenStackNetwork,
    child: pulumi.ResourceOptions,
) -> None:
    """Lead TCP from ports of a floating address to node ports of the workers."""
    balancer = LoadBalancer(
        prefix, LoadBalancerArgs(name=prefix, vip_subnet_id=inside.subnet.id), opts=child
    )
    FloatingIpAssociate(
        f"{prefix}-ingress",
        FloatingIpAssociateArgs(floating_ip=address, port_id=balancer.vip_port_id),
        opts=pulumi.ResourceOptions.merge(
            child, pulumi.ResourceOptions(depends_on=[inside.way_out])
        ),
    )
    for port, node_port in ports.items():
        name = f"{prefix}-{port}"
        listener = Listener(
            name,
            ListenerArgs(
                name=name, loadbalancer_id=balancer.id, protocol="TCP", protocol_port=port
            ),
            opts=child,
        )
        pool = Pool(
            name,
            PoolArgs(
                name=name, listener_id=listener.id, protocol="TCP", lb_method="LEAST_CONNECTIONS"
            ),
            opts=child,
        )
        for number, worker in enumerate(workers):
            Member(
                f"{name}-{number}",
                MemberArgs(
                    pool_id=pool.id,
                    address=worker,
                    protocol_port=node_port,
                    subnet_id=inside.subnet.id,
                ),
                opts=child,
            )
