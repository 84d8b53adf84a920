"""Storage on OpenStack beside the nodes' disks: Manila's shares, keys for Swift's buckets."""

from __future__ import annotations

from collections.abc import Mapping

import pulumi
from pulumi_openstack.identity import (
    ApplicationCredential,
    ApplicationCredentialArgs,
    Ec2CredentialV3,
)
from pulumi_openstack.sharedfilesystem import (
    Share,
    ShareAccess,
    ShareAccessArgs,
    ShareArgs,
    ShareNetwork,
    ShareNetworkArgs,
)

from components.buckets import Credentials
from components.clusters.openstack_network import OpenStackNetwork
from components.clusters.outputs import FileServer, text
from components.clusters.sizes import gibibytes
from sslab.site.cluster import ManilaShare


def make_share(
    prefix: str,
    wanted: ManilaShare,
    node_network: str,
    inside: OpenStackNetwork,
    child: pulumi.ResourceOptions,
) -> FileServer:
    """Make a share that the nodes may mount, and nobody else."""
    network_id: pulumi.Output[str] | None = None
    if wanted.own_server:
        network_id = ShareNetwork(
            prefix,
            ShareNetworkArgs(
                name=prefix,
                neutron_net_id=inside.network.id,
                neutron_subnet_id=inside.subnet.id,
            ),
            opts=child,
        ).id
    share = Share(
        prefix,
        ShareArgs(
            name=prefix,
            share_proto=wanted.protocol.upper(),
            size=gibibytes(wanted.size),
            share_type=wanted.type,
            share_network_id=network_id,
        ),
        opts=child,
    )
    by_address = wanted.protocol == "nfs"
    access = ShareAccess(
        prefix,
        ShareAccessArgs(
            share_id=share.id,
            access_type="ip" if by_address else "cephx",
            access_to=node_network if by_address else prefix,
            access_level="rw",
        ),
        opts=child,
    )
    # host:/path, or monitors,of,ceph:/path; known once the nodes may mount it
    place = pulumi.Output.all(share.export_locations, access.id).apply(
        lambda known: str(known[0][0]["path"]) if known[0] else ""
    )
    return FileServer(
        protocol=wanted.protocol,
        server=place.apply(lambda path: path.rpartition(":/")[0]),
        path=place.apply(lambda path: f"/{path.rpartition(':/')[2]}"),
    )


def make_keys(buckets: tuple[str, ...], child: pulumi.ResourceOptions) -> Mapping[str, Credentials]:
    """Make a key pair for each bucket; OpenStack's open every bucket of the account's project."""
    keys = {name: Ec2CredentialV3(name, opts=child) for name in buckets}
    return {
        name: Credentials(text(key.access), pulumi.Output.secret(text(key.secret)))
        for name, key in keys.items()
    }


def make_cloud_config(
    prefix: str, auth_url: str, region: str | None, child: pulumi.ResourceOptions
) -> pulumi.Output[str]:
    """Make an application credential, and return the configuration that drivers read it from."""
    credential = ApplicationCredential(
        prefix,
        ApplicationCredentialArgs(
            name=prefix,
            description="Drivers in the laboratory's cluster",
            # by name: Keystone grants none that another role only implies
            roles=["member"],
        ),
        opts=child,
    )
    lines = ["[Global]", f"auth-url={auth_url}", *([f"region={region}"] if region else [])]
    parts = pulumi.Output.all(credential.id, credential.secret)
    return pulumi.Output.secret(
        parts.apply(
            lambda known: "\n".join(
                [
                    *lines,
                    f"application-credential-id={known[0]}",
                    f"application-credential-secret={known[1] or ''}\n",
                ]
            )
        )
    )
