"""Which data are gone when a resource is deleted or replaced."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from sslab.plan.model import PlannedResource

DATA: Final[Mapping[str, str]] = {
    "core/PersistentVolumeClaim": "all that is stored in the claim's volume, unless its "
    "StorageClass or volume says Retain",
    "core/PersistentVolume": "the way to the volume's data, and the data unless it says Retain",
    "core/Namespace": "everything in the namespace, also what others put there: objects, claims "
    "and their data",
    "apiextensions.k8s.io/CustomResourceDefinition": "all objects of the kind that it defines, in "
    "every namespace",
    "snapshot.storage.k8s.io/VolumeSnapshot": "the snapshot, unless its class says Retain",
    "snapshot.storage.k8s.io/VolumeSnapshotContent": "the snapshot, unless it says Retain",
    "helm.sh/Chart": "what the chart made, with its claims; the plan does not see into charts",
    "helm.sh/Release": "what the chart made, and its claims unless the chart keeps them",
    # other providers, by token
    "gcp:compute/disk:Disk": "all that is stored on the disk",
    "gcp:container/cluster:Cluster": "the cluster with everything in it",
    "gcp:container/nodePool:NodePool": "what pods keep on the nodes' own disks",
    "gcp:filestore/instance:Instance": "all files",
    "gcp:kms/cryptoKey:CryptoKey": "the key, and with it all that it encrypts",
    "gcp:secretmanager/secret:Secret": "the secret",
    "gcp:sql/database:Database": "all tables",
    "gcp:sql/databaseInstance:DatabaseInstance": "all databases and their backups",
    "gcp:storage/bucket:Bucket": "all objects in the bucket",
    "gcp:storage/bucketObject:BucketObject": "the object",
    "openstack:blockstorage/volume:Volume": "all that is stored on the volume",
    "openstack:compute/instance:Instance": "what is stored on the machine's own disk",
    "openstack:containerinfra/cluster:Cluster": "the cluster with everything in it",
    "openstack:database/database:Database": "all tables",
    "openstack:database/instance:Instance": "all databases",
    "openstack:keymanager/secretV1:SecretV1": "the secret",
    "openstack:objectstorage/container:Container": "all objects in the container",
    "openstack:objectstorage/containerObject:ContainerObject": "the object",
    "openstack:sharedfilesystem/share:Share": "all files",
}
"""What is lost, by a resource's type as `PlannedResource.type` has it."""


def lost(resource: PlannedResource) -> str:
    """Return which data are gone where a resource is deleted or replaced; empty where none are."""
    if resource.options.get("retain_on_delete"):
        return ""  # it leaves Pulumi's state and stays where it is
    judge = _JUDGES.get(resource.type)
    return judge(resource) if judge else DATA.get(resource.type, "")


def kept(resource: PlannedResource) -> str:
    """Return what stays where one might think that it is lost; empty where there is nothing."""
    if resource.options.get("retain_on_delete"):
        return "it stays where it is (retain_on_delete), only Pulumi forgets it"
    if resource.type == "apps/StatefulSet" and _templates(resource) and not _claims_go(resource):
        return "the claims that it made stay, with their data, and somebody has to delete them"
    return ""


def _stateful_set(resource: PlannedResource) -> str:
    if _templates(resource) and _claims_go(resource):
        return "all that is stored in the claims that it made: its retention policy says Delete"
    return ""


def _templates(resource: PlannedResource) -> bool:
    return bool(resource.at("spec", "volumeClaimTemplates"))


def _claims_go(resource: PlannedResource) -> bool:
    policy = resource.at("spec", "persistentVolumeClaimRetentionPolicy", "whenDeleted")
    return bool(policy == "Delete")


_JUDGES: Final[Mapping[str, Callable[[PlannedResource], str]]] = {"apps/StatefulSet": _stateful_set}
