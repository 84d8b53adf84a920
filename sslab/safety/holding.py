"""Which resources hold data, and what is lost when one of them is deleted or replaced.

A resource is known by its type (`core/PersistentVolumeClaim` of Kubernetes, the whole token of any
other provider) and by how its inputs are read: `at("spec", "accessModes")` is what stands there,
None where nothing does. So the program that is deployed, a plan, and what Pulumi remembers of a
deployment are judged by the same table.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

At = Callable[..., Any]

DISPOSABLE: Final = ("ssl/data", "disposable")
"""The annotation of an object whose data can be had again: a cache, metrics."""

NAMESPACE: Final = "core/Namespace"

HELD: Final[Mapping[str, str]] = {
    "core/PersistentVolumeClaim": "all that is stored in the claim's volume, unless its "
    "StorageClass or volume says Retain",
    "core/PersistentVolume": "the data of the volume, whose policy is not Retain",
    NAMESPACE: "everything in the namespace, also what others put there: objects, claims "
    "and their data",
    "apiextensions.k8s.io/CustomResourceDefinition": "all objects of the kind that it defines, in "
    "every namespace",
    "snapshot.storage.k8s.io/VolumeSnapshot": "the snapshot, unless its class says Retain",
    "snapshot.storage.k8s.io/VolumeSnapshotContent": "the snapshot, unless it says Retain",
    "apps/StatefulSet": "all that is stored in the claims that it made: its retention policy says "
    "Delete",
    # other providers, by token
    "gcp:compute/disk:Disk": "all that is stored on the disk",
    "gcp:container/cluster:Cluster": "the cluster with everything in it",
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
"""What is lost with a resource of a type, where it holds data at all."""


def held(type_: str, at: At) -> str:
    """Return what is lost with a resource, empty where it holds no data.

    A namespace is judged by what is in it: `with_namespaces` does so.
    """
    if type_ == NAMESPACE or at("metadata", "annotations", DISPOSABLE[0]) == DISPOSABLE[1]:
        return ""
    holds = _JUDGES.get(type_)
    return HELD.get(type_, "") if holds is None or holds(at) else ""


def type_of(token: str) -> str:
    """Return a resource's type by its token: without the API version, where it is Kubernetes'."""
    package, _, rest = token.partition(":")
    version, _, kind = rest.rpartition(":")
    if package != "kubernetes":
        return token
    group = "core" if version == "v1" else version.partition("/")[0]
    return f"{group}/{kind}"


def reader(inputs: Mapping[str, Any]) -> At:
    """Return how plain inputs are read."""

    def at(*steps: str) -> Any:
        value: Any = inputs
        for step in steps:
            value = value.get(step) if isinstance(value, Mapping) else None
        return value

    return at


def namespaces_with_data(things: Iterable[tuple[str, At]]) -> frozenset[str]:
    """Return the namespaces in which one of the things holds data, or makes claims that do."""
    return frozenset(
        str(at("metadata", "namespace"))
        for type_, at in things
        if at("metadata", "namespace") and (held(type_, at) or makes_claims(type_, at))
    )


def makes_claims(type_: str, at: At) -> bool:
    """Tell whether a StatefulSet makes claims, which are no resources of the program."""
    return type_ == "apps/StatefulSet" and bool(at("spec", "volumeClaimTemplates"))


def _claim(at: At) -> bool:
    modes = at("spec", "accessModes")
    if isinstance(modes, list | tuple) and list(modes) == ["ReadOnlyMany"]:
        return False  # nobody writes there: CVMFS
    # with a volume that somebody else made, the volume's policy says what becomes of the data
    return not (at("spec", "storageClassName") == "" and at("spec", "volumeName") is not None)


def _volume(at: At) -> bool:
    # the default of a volume that no StorageClass has made is Retain
    return at("spec", "persistentVolumeReclaimPolicy") in ("Delete", "Recycle")


def _stateful_set(at: At) -> bool:
    deletes = at("spec", "persistentVolumeClaimRetentionPolicy", "whenDeleted") == "Delete"
    return deletes and makes_claims("apps/StatefulSet", at)


_JUDGES: Final[Mapping[str, Callable[[At], bool]]] = {
    "core/PersistentVolumeClaim": _claim,
    "core/PersistentVolume": _volume,
    "apps/StatefulSet": _stateful_set,
}
