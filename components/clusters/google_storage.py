"""Storage at Google beside the nodes' disks: buckets with keys, and a server of shared files."""

from __future__ import annotations

import re
from collections.abc import Mapping

import pulumi
from pulumi_gcp import filestore
from pulumi_gcp.serviceaccount import Account, AccountArgs
from pulumi_gcp.storage import (
    Bucket,
    BucketArgs,
    BucketIAMMember,
    BucketIAMMemberArgs,
    HmacKey,
    HmacKeyArgs,
)

from components.buckets import Credentials
from components.clusters.google_accounts import account_id, member
from components.clusters.google_network import GoogleNetwork
from components.clusters.outputs import FileServer, text
from components.clusters.sizes import gibibytes
from sslab.site.object_storage import GcsObjects

SHARE = "ssl"


def make_buckets(
    prefix: str, offered: GcsObjects, child: pulumi.ResourceOptions
) -> Mapping[str, Credentials]:
    """Make the buckets, and for each an account that may use it and no other, with its keys."""
    return {name: _bucket(prefix, name, offered, child) for name in offered.buckets}


def _bucket(
    prefix: str, name: str, offered: GcsObjects, child: pulumi.ResourceOptions
) -> Credentials:
    bucket = Bucket(
        name,
        BucketArgs(
            name=f"{offered.prefix}{name}",
            location=offered.location,
            uniform_bucket_level_access=True,
            public_access_prevention="enforced",
            # a bucket with objects in it stays, and whoever destroys the laboratory is told
            force_destroy=False,
        ),
        opts=child,
    )
    account = Account(
        name,
        AccountArgs(account_id=account_id(f"{prefix}-{name}"), display_name=f"The bucket {name}"),
        opts=child,
    )
    right = BucketIAMMember(
        name,
        BucketIAMMemberArgs(
            bucket=bucket.name, role="roles/storage.objectAdmin", member=member(account)
        ),
        opts=child,
    )
    key = HmacKey(name, HmacKeyArgs(service_account_email=text(account.email)), opts=child)
    # known once the keys open the bucket
    access_key = pulumi.Output.all(key.access_id, right.id).apply(lambda all_: str(all_[0] or ""))
    return Credentials(access_key, pulumi.Output.secret(text(key.secret)))


def make_file_server(
    prefix: str, location: str, size: str, inside: GoogleNetwork, child: pulumi.ResourceOptions
) -> FileServer:
    """Make a Filestore server in the nodes' network: in one zone, or in a region's."""
    instance = filestore.Instance(
        prefix,
        filestore.InstanceArgs(
            name=prefix,
            location=location,
            tier="ZONAL" if re.search(r"-[a-z]$", location) else "REGIONAL",
            file_shares=filestore.InstanceFileSharesArgs(name=SHARE, capacity_gb=gibibytes(size)),
            networks=[
                filestore.InstanceNetworkArgs(network=inside.network.name, modes=["MODE_IPV4"])
            ],
        ),
        opts=child,
    )
    server = instance.networks.apply(
        lambda networks: (networks[0].ip_addresses or [""])[0] if networks else ""
    )
    return FileServer(protocol="nfs", server=server, path=pulumi.Output.from_input(f"/{SHARE}"))
