"""The object storage of a site, and the buckets in it."""

from __future__ import annotations

from collections.abc import Mapping

from components.buckets import Bucket
from components.building.site import Building
from components.ingress import Ingress
from components.object_storage import ObjectStorage, ObjectStorageArgs
from components.seaweedfs import SeaweedFSArgs
from components.storage import Storage
from sslab.catalogue.layers import LAYER_NAMESPACES
from sslab.catalogue.secrets import ADMIN
from sslab.site.object_storage import GcsObjects, S3Objects, SeaweedFS, SwiftObjects
from sslab.site.substrate import Nothing


def build(building: Building, storage: Storage, ingress: Ingress | None) -> Mapping[str, Bucket]:
    """Return the buckets of the object storage, which is made where the site has none."""
    site, made = building.site, building.made
    offered: SeaweedFSArgs | S3Objects | SwiftObjects | GcsObjects
    match site.object_storage:
        case None | Nothing():
            return {}
        case SeaweedFS(capacity=capacity):
            offered = SeaweedFSArgs(
                namespace=building.names[LAYER_NAMESPACES["ObjectStorage"]],
                image=building.args.images["seaweedfs"],
                capacity=capacity,
                admin=building.credentials(ADMIN),
                storage=storage,
                ingress=ingress,
                cluster_domain=site.cni.cluster_domain,
                house=building.house,
            )
        case remote:
            offered = remote
    by_cloud = made.credentials if made else {}
    credentials = {
        bucket: by_cloud.get(bucket) or building.credentials(bucket) for bucket in site.buckets
    }
    return ObjectStorage(
        "object-storage",
        ObjectStorageArgs(offered=offered, credentials=credentials),
        opts=building.layer,
    ).buckets
