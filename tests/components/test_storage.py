"""Folders that pods share: by a class, on a server of the site's, on one that a cloud makes."""

from __future__ import annotations

from typing import Any

import pulumi
import pytest

from components.place import Place
from components.storage import NfsFolder, SharedFolder, Storage, StorageArgs
from policies.owners import known_owners
from sslab.catalogue.contract import Powers
from tests.components.recording import ROOT, Recording, record, record_laboratory, site
from tests.components.test_gke import CLUSTER as GKE
from tests.components.test_gke import there as on_google
from tests.components.test_openstack import MAGNUM, there

NFS = {"kind": "nfs", "server": "nfs.example.edu", "path": "/export/ssl"}


def recorded(**args: Any) -> tuple[Recording, SharedFolder | None]:
    folders: list[SharedFolder | None] = []

    def program() -> None:
        storage = Storage("storage", StorageArgs(**{"rwo_class": None, "rwx_class": None, **args}))
        pattern = pulumi.ComponentResource("ssl:patterns:ZPeak", "z-peak")
        folders.append(storage.shared("data", "z-peak", "5Gi", pattern))

    return record(program), folders[0]


def mounted(folder: SharedFolder | None) -> str | None:
    assert folder is not None
    volume, mount = folder.volume("shared"), folder.mount("shared", "/data")
    assert (volume.name, mount.name, mount.mount_path) == ("shared", "shared", "/data")
    assert isinstance(mount.sub_path, str | None)
    return mount.sub_path


def test_a_class_makes_the_volume_and_the_folder_is_all_of_it() -> None:
    recording, folder = recorded(rwx_class="shared", shared=NfsFolder(server="s", path="/"))
    claim = recording.one("PersistentVolumeClaim", "data", "z-peak")
    assert claim.spec == {
        "accessModes": ["ReadWriteMany"],
        "storageClassName": "shared",
        "resources": {"requests": {"storage": "5Gi"}},
    }
    assert mounted(folder) is None
    assert recording.of("PersistentVolume") == []


def test_a_file_server_is_a_volume_of_one_claim_and_the_folder_is_the_claims_own() -> None:
    recording, folder = recorded(shared=NfsFolder(server="nfs.example.edu", path="/export/ssl"))
    (volume,) = recording.of("PersistentVolume")
    assert volume.metadata["name"].startswith("ssl-z-peak-data-")
    assert volume.spec == {
        "capacity": {"storage": "5Gi"},
        "accessModes": ["ReadWriteMany"],
        "persistentVolumeReclaimPolicy": "Retain",
        "storageClassName": "",
        "claimRef": {"namespace": "z-peak", "name": "data"},
        "nfs": {"server": "nfs.example.edu", "path": "/export/ssl"},
    }
    claim = recording.one("PersistentVolumeClaim", "data", "z-peak")
    assert claim.spec["volumeName"] == volume.metadata["name"]
    assert claim.spec["storageClassName"] == ""
    assert mounted(folder) == "data"


def test_another_server_is_another_volume() -> None:
    names = set()
    for path in ("/one", "/two"):
        recording, _ = recorded(shared=NfsFolder(server="nfs.example.edu", path=path))
        names.add(recording.of("PersistentVolume")[0].metadata["name"])
    assert len(names) == 2


def test_without_either_there_is_none() -> None:
    recording, folder = recorded()
    assert folder is None
    assert recording.objects() == []


def test_the_volume_is_the_layers_and_the_claim_the_patterns() -> None:
    recording, _ = recorded(shared=NfsFolder(server="nfs.example.edu", path="/export/ssl"))
    owners = known_owners(ROOT)
    (volume,), (claim,) = recording.of("PersistentVolume"), recording.of("PersistentVolumeClaim")
    assert owners.powers(volume.urn) == Powers(cluster_scoped=("PersistentVolume",))
    assert "ssl:patterns:ZPeak" in claim.urn


def share(name: str, place: Place, opts: pulumi.ResourceOptions) -> pulumi.ComponentResource:
    """Stand for a pattern that only shares a folder."""
    made = pulumi.ComponentResource("ssl:patterns:ZPeak", name, None, opts)
    place.storage.shared(name, place.namespace, "1Gi", made)
    return made


@pytest.mark.parametrize(
    ("facts", "where"),
    [
        ({"storage": {"capacity": "9Gi", "rwx_server": NFS}}, ("nfs.example.edu", "/export/ssl")),
        ({"storage": {"capacity": "9Gi", "rwx_server": {**NFS, "kind": "cephfs"}}}, None),
        ({"storage": {"capacity": "9Gi", "rwx_class": "shared", "rwx_server": NFS}}, None),
        ({"storage": None}, None),
    ],
)
def test_a_pattern_gets_the_sites_own_server(
    facts: dict[str, Any], where: tuple[str, str] | None
) -> None:
    recording = record_laboratory(site(**facts), components={"z-peak": share})
    found = [each.spec["nfs"] for each in recording.of("PersistentVolume")]
    assert found == ([{"server": where[0], "path": where[1]}] if where else [])


def test_a_pattern_gets_the_server_that_google_makes() -> None:
    made = {"cluster": {**GKE, "filestore": "1Ti"}, "storage": {"capacity": "9Gi"}}
    recording = record_laboratory(on_google(**made), components={"z-peak": share})
    (volume,) = recording.of("PersistentVolume")
    assert volume.spec["nfs"]["path"] == "/ssl"
    assert recording.token("gcp:filestore/instance:Instance").urn in volume.depends_on


@pytest.mark.parametrize(("protocol", "volumes"), [("nfs", 1), ("cephfs", 0)])
def test_a_pattern_gets_a_share_of_manila_by_nfs(protocol: str, volumes: int) -> None:
    cluster = {**MAGNUM, "share": {"protocol": protocol, "size": "10Gi"}}
    recording = record_laboratory(
        there(cluster, storage={"capacity": "9Gi"}), components={"z-peak": share}
    )
    assert len(recording.of("PersistentVolume")) == volumes
