"""CVMFS: the same claim and the same mount for every pattern, whatever the site has."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
from pulumi_kubernetes.core.v1 import (
    HostPathVolumeSourceArgs,
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

from components import cvmfs_driver
from components.cvmfs_driver import DriverArgs
from sslab.catalogue.layers import CVMFS_CLAIM
from sslab.site.substrate import ClassCvmfs, HostCvmfs

CVMFS = "cvmfs"
PATH = "/cvmfs"
READ_ONLY = "ReadOnlyMany"
OF_NO_CLASS = ""


@dataclass(frozen=True, kw_only=True)
class CvmfsArgs:
    """What brings CVMFS to the site, and the namespaces whose pods mount it, name to output."""

    offered: DriverArgs | HostCvmfs | ClassCvmfs
    namespaces: Mapping[str, pulumi.Input[str]]


@dataclass(frozen=True, kw_only=True)
class CvmfsMount:
    """What a pod has in its `volumes`, and a container in its `mounts`, to read /cvmfs."""

    volume: VolumeArgs
    mount: VolumeMountArgs


class Cvmfs(pulumi.ComponentResource):
    """A claim `cvmfs` in each namespace whose pods mount CVMFS, and what answers it."""

    mounts: Mapping[str, CvmfsMount]
    """How pods mount it, by namespace; known once the claim is answered."""

    def __init__(
        self, name: str, args: CvmfsArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("ssl:components:Cvmfs", name, None, opts)
        match args.offered:
            case DriverArgs() as driver:
                storage_class: pulumi.Input[str] = cvmfs_driver.run(driver, self)
            case ClassCvmfs(class_name=class_name):
                storage_class = class_name
            case HostCvmfs():
                storage_class = OF_NO_CLASS
        self.mounts = {
            one: self._mount(one, namespace, storage_class, args.offered)
            for one, namespace in args.namespaces.items()
        }
        self.register_outputs({})

    def _mount(
        self,
        one: str,
        namespace: pulumi.Input[str],
        storage_class: pulumi.Input[str],
        offered: DriverArgs | HostCvmfs | ClassCvmfs,
    ) -> CvmfsMount:
        folder = offered.path if isinstance(offered, HostCvmfs) else None
        volume = self._volume(one, namespace, folder) if folder else None
        claim = PersistentVolumeClaim(
            f"{CVMFS}-{one}",
            PersistentVolumeClaimInitArgs(
                metadata=ObjectMetaArgs(name=CVMFS, namespace=namespace),
                spec=PersistentVolumeClaimSpecArgs(
                    access_modes=[READ_ONLY],
                    storage_class_name=storage_class,
                    volume_name=volume.metadata.name if volume else None,
                    resources=VolumeResourceRequirementsArgs(requests={"storage": CVMFS_CLAIM}),
                ),
            ),
            opts=pulumi.ResourceOptions(parent=self),
        )
        return CvmfsMount(
            volume=VolumeArgs(
                name=CVMFS,
                persistent_volume_claim=PersistentVolumeClaimVolumeSourceArgs(
                    claim_name=claim.metadata.name, read_only=True
                ),
            ),
            # what is mounted below it later, a repository at its first use, is seen as well
            mount=VolumeMountArgs(
                name=CVMFS, mount_path=PATH, read_only=True, mount_propagation="HostToContainer"
            ),
        )

    def _volume(self, one: str, namespace: pulumi.Input[str], folder: str) -> PersistentVolume:
        """Return the node's folder as a volume that no other claim can have."""
        name = f"ssl-{CVMFS}-{one}"
        return PersistentVolume(
            name,
            PersistentVolumeInitArgs(
                metadata=ObjectMetaArgs(name=name),
                spec=PersistentVolumeSpecArgs(
                    access_modes=[READ_ONLY],
                    capacity={"storage": CVMFS_CLAIM},
                    storage_class_name=OF_NO_CLASS,
                    persistent_volume_reclaim_policy="Retain",
                    host_path=HostPathVolumeSourceArgs(path=folder, type="Directory"),
                    claim_ref=ObjectReferenceArgs(
                        api_version="v1",
                        kind="PersistentVolumeClaim",
                        name=CVMFS,
                        namespace=namespace,
                    ),
                ),
            ),
            opts=pulumi.ResourceOptions(parent=self),
        )
