"""Instances on OpenStack that become a Kubernetes cluster by themselves, with k3s."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
from pulumi_openstack.compute import Instance, InstanceArgs, InstanceNetworkArgs
from pulumi_openstack.networking import (
    FloatingIpAssociate,
    FloatingIpAssociateArgs,
    Port,
    PortArgs,
    PortFixedIpArgs,
    SecGroup,
)

from components.clusters import k3s, readiness
from components.clusters.deployment import deployed
from components.clusters.openstack_network import OpenStackNetwork
from sslab.cluster import kubeconfig
from sslab.site.cluster import OpenStackCluster as Facts


@dataclass(frozen=True, kw_only=True)
class K3sSecrets:
    """What the cluster is made with: a certificate authority as PEM, and the two tokens."""

    authority: pulumi.Output[str]
    join_token: pulumi.Output[str]
    admin_token: pulumi.Output[str]


@dataclass(frozen=True)
class K3sNodes:
    """The nodes: their instances, and the workers' addresses in their network."""

    instances: Sequence[Instance]
    workers: Sequence[pulumi.Output[str]]


@dataclass(frozen=True)
class _Maker:
    """Makes the instances of one cluster."""

    prefix: str
    facts: Facts
    inside: OpenStackNetwork
    group: SecGroup
    child: pulumi.ResourceOptions

    def port(self, role: str) -> Port:
        """Make the port of an instance, whose address is known before the instance is there."""
        name = f"{self.prefix}-{role}"
        return Port(
            name,
            PortArgs(
                name=name,
                network_id=self.inside.network.id,
                fixed_ips=[PortFixedIpArgs(subnet_id=self.inside.subnet.id)],
                security_group_ids=[self.group.id],
            ),
            opts=self.child,
        )

    def instance(
        self, role: str, flavor: str, port: Port, user_data: pulumi.Output[str]
    ) -> Instance:
        """Start an instance."""
        name = f"{self.prefix}-{role}"
        return Instance(
            name,
            InstanceArgs(
                name=name,
                flavor_name=flavor,
                image_name=self.facts.image,
                key_pair=self.facts.key_pair,
                networks=[InstanceNetworkArgs(port=port.id)],
                user_data=pulumi.Output.secret(user_data),
            ),
            # it downloads k3s at once
            opts=pulumi.ResourceOptions.merge(
                self.child,
                pulumi.ResourceOptions(
                    depends_on=[self.inside.way_out],
                    # the port can be had by one instance at a time
                    delete_before_replace=True,
                ),
            ),
        )


def make_nodes(
    prefix: str,
    facts: Facts,
    inside: OpenStackNetwork,
    group: SecGroup,
    address: pulumi.Output[str],
    secrets: K3sSecrets,
    child: pulumi.ResourceOptions,
) -> K3sNodes:
    """Start the control plane at a floating address, and of each pool the nodes always there."""
    make = _Maker(prefix, facts, inside, group, child)
    port = make.port("control-plane")
    FloatingIpAssociate(
        f"{prefix}-control-plane",
        FloatingIpAssociateArgs(floating_ip=address, port_id=port.id),
        opts=pulumi.ResourceOptions.merge(
            child, pulumi.ResourceOptions(depends_on=[inside.way_out])
        ),
    )
    begin = pulumi.Output.all(
        secrets.authority, secrets.join_token, secrets.admin_token, address, fixed_address(port)
    ).apply(lambda known: k3s.server(known[0], known[1], known[2], [known[3], known[4]]))
    instances = [make.instance("control-plane", facts.control_plane, port, begin)]
    join = pulumi.Output.all(fixed_address(port), secrets.join_token).apply(
        lambda known: k3s.agent(known[0], known[1])
    )
    workers = []
    for pool in facts.node_pools:
        for number in range(pool.least):
            role = f"{pool.name}-{number}"
            port = make.port(role)
            workers.append(fixed_address(port))
            instances.append(make.instance(role, pool.machine, port, join))
    return K3sNodes(instances, workers)


def fixed_address(port: Port) -> pulumi.Output[str]:
    """Return the address of a port in the nodes' network."""
    return port.all_fixed_ips.apply(lambda addresses: addresses[0] if addresses else "")


def reach(address: pulumi.Output[str], secrets: K3sSecrets, nodes: K3sNodes) -> pulumi.Output[str]:
    """Return the kubeconfig, known once the API server answers."""
    parts = pulumi.Output.all(
        address, secrets.authority, secrets.admin_token, *(each.id for each in nodes.instances)
    )
    return pulumi.Output.secret(parts.apply(lambda known: _reach(*known[:3])))


async def _reach(address: str, authority: str, token: str) -> str:
    server, certificate = f"https://{address}:{k3s.API_PORT}", k3s.part(authority, "CERTIFICATE")
    if deployed():
        await readiness.wait(server, certificate, token)
    return kubeconfig.by_token(server, certificate, token)
