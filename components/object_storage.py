"""Object storage: SeaweedFS, or the S3 interface of what the site has already."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi

from components import seaweedfs
from components.buckets import Bucket, Credentials
from components.seaweedfs import SeaweedFSArgs
from sslab.catalogue import layers
from sslab.site.object_storage import GcsObjects, S3Objects, SwiftObjects


@dataclass(frozen=True, kw_only=True)
class ObjectStorageArgs:
    """What the site has, and the key pair of each bucket by the bucket's name.

    `offered` has the arguments of SeaweedFS where the laboratory runs the storage itself.
    """

    offered: SeaweedFSArgs | S3Objects | SwiftObjects | GcsObjects
    credentials: Mapping[str, Credentials]


class ObjectStorage(pulumi.ComponentResource):
    """S3-compatible object storage at one site, with a key pair for each bucket."""

    buckets: Mapping[str, Bucket]
    """The buckets by the names of the site file, known once the storage answers."""

    def __init__(
        self, name: str, args: ObjectStorageArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("ssl:components:ObjectStorage", name, None, opts)
        prefix, region, offered = "", layers.SEAWEEDFS_REGION, args.offered
        if isinstance(offered, SeaweedFSArgs):
            endpoint = seaweedfs.run(offered, args.credentials, self)
        else:
            endpoint = pulumi.Output.from_input(offered.endpoint)
            prefix, region = offered.prefix, offered.region
        self.buckets = {
            bucket: Bucket(f"{prefix}{bucket}", endpoint, region, credentials)
            for bucket, credentials in args.credentials.items()
        }
        self.register_outputs({"endpoint": endpoint})
