"""Storage: which class gives which access mode, and folders that pods share."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import pulumi
from pulumi_kubernetes.core.v1 import (
    NFSVolumeSourceArgs,
    ObjectReferenceArgs,
    PersistentVolume,
    PersistentVolumeClaim,
    PersistentVolumeClaimInitArgs,
    PersistentVolumeClaimSpecArgs,
    PersistentVolumeClaimVolumeSourceArgs,
    PersistentVolumeInitArgs,
    PersistentVolumeSpecArgs,
    VolumeArgs,
    VolumeMountArgs,
    VolumeResourceRequirementsArgs,
)
from pulumi_kubernetes.meta.v1 import ObjectMetaArgs

MODES = ["ReadWriteMany"]


@dataclass(frozen=True, kw_only=True)
class NfsFolder:
    """A folder that a server exports by NFS to the nodes."""

    server: pulumi.Input[str]
    path: pulumi.Input[str]


@dataclass(frozen=True, kw_only=True)
class SharedFolder:
    """A folder that many pods of one namespace read and write.

    `claim` is the claim of the volume; the folder is `sub_path` in it, None where it is all of it.
    """

    claim: pulumi.Output[str]
    sub_path: str | None

    def volume(self, name: str) -> VolumeArgs:
        """Return the volume of a pod that mounts the folder."""
        source = PersistentVolumeClaimVolumeSourceArgs(claim_name=self.claim)
        return VolumeArgs(name=name, persistent_volume_claim=source)

    def mount(self, name: str, path: str) -> VolumeMountArgs:
        """Return the mount of that volume at a path in a container."""
        return VolumeMountArgs(name=name, mount_path=path, sub_path=self.sub_path)


@dataclass(frozen=True, kw_only=True)
class StorageArgs:
    """The site's storage classes; None is the cluster's default (RWO) or none at all (RWX).

    `shared` is what gives ReadWriteMany where no class does.
    """

    rwo_class: str | None
    rwx_class: str | None
    shared: NfsFolder | None = None


class Storage(pulumi.ComponentResource):
    """The site's storage classes, as other layers and patterns get them."""

    rwo_class: str | None
    rwx_class: str | None

    def __init__(
        self, name: str, args: StorageArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("ssl:components:Storage", name, None, opts)
        self.rwo_class = args.rwo_class
        self.rwx_class = args.rwx_class
        self._exported = args.shared
        self.register_outputs({"rwo_class": self.rwo_class, "rwx_class": self.rwx_class})

    def shared(
        self, name: str, namespace: pulumi.Input[str], size: str, parent: pulumi.Resource
    ) -> SharedFolder | None:
        """Claim a folder that pods share, of so many bytes; None where the site gives none.

        On a file server it is the folder `name`, whose size nobody enforces and which stays when
        the claim is deleted.
        """
        if self.rwx_class is not None:
            claim = _claim(name, namespace, size, self.rwx_class, None, parent)
            return SharedFolder(claim=claim, sub_path=None)
        if self._exported is None:
            return None
        volume = self._volume(name, namespace, size, self._exported)
        # an empty class keeps the cluster's default one from making a volume
        claim = _claim(name, namespace, size, "", volume.metadata.name, parent)
        return SharedFolder(claim=claim, sub_path=name)

    def _volume(
        self, name: str, namespace: pulumi.Input[str], size: str, exported: NfsFolder
    ) -> PersistentVolume:
        """Make the volume for one claim, and no other."""
        return PersistentVolume(
            name,
            PersistentVolumeInitArgs(
                metadata=ObjectMetaArgs(name=_volume_name(name, namespace, exported)),
                spec=PersistentVolumeSpecArgs(
                    capacity={"storage": size},
                    access_modes=MODES,
                    persistent_volume_reclaim_policy="Retain",
                    storage_class_name="",
                    claim_ref=ObjectReferenceArgs(namespace=namespace, name=name),
                    nfs=NFSVolumeSourceArgs(server=exported.server, path=exported.path),
                ),
            ),
            opts=pulumi.ResourceOptions(parent=self),
        )


def _volume_name(
    name: str, namespace: pulumi.Input[str], exported: NfsFolder
) -> pulumi.Output[str]:
    """Return a name that another server changes: a volume cannot be moved to one."""

    def joined(known: list[str]) -> str:
        inside, server, path = known
        place = hashlib.sha256(f"{server}:{path}".encode()).hexdigest()[:8]
        return f"ssl-{inside}-{name}-{place}"

    return pulumi.Output.all(namespace, exported.server, exported.path).apply(joined)


def _claim(
    name: str,
    namespace: pulumi.Input[str],
    size: str,
    storage_class: str,
    volume: pulumi.Output[str] | None,
    parent: pulumi.Resource,
) -> pulumi.Output[str]:
    """Make a claim for ReadWriteMany, and return its name."""
    claim = PersistentVolumeClaim(
        name,
        PersistentVolumeClaimInitArgs(
            metadata=ObjectMetaArgs(name=name, namespace=namespace),
            spec=PersistentVolumeClaimSpecArgs(
                access_modes=MODES,
                storage_class_name=storage_class,
                volume_name=volume,
                resources=VolumeResourceRequirementsArgs(requests={"storage": size}),
            ),
        ),
        opts=pulumi.ResourceOptions(parent=parent),
    )
    return claim.metadata.name.apply(str)
