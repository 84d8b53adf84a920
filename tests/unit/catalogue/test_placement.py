from __future__ import annotations

from typing import Any

import pytest

from sslab.catalogue.contract import Contract
from sslab.catalogue.placement import place, place_all
from sslab.site.model import Site

SITE: dict[str, Any] = {
    "name": "a",
    "title": "A",
    "cluster": {"kind": "local"},
    "quota": {"cpu": "4", "memory": "6Gi", "pods": 50},
    "storage": {"capacity": "20Gi", "rwx_class": "cephfs"},
    "ingress": {"kind": "traefik", "domain": "a.example.edu"},
    "load_balancing": {"kind": "node-ports"},
    "object_storage": {"kind": "seaweedfs", "capacity": "5Gi"},
}


def site(**changes: Any) -> Site:
    return Site.model_validate({**SITE, **changes})


def contract(name: str = "demanding", powers: Any = None, **needs: Any) -> Contract:
    return Contract.model_validate(
        {
            "name": name,
            "title": "Demanding",
            "summary": "Needs much.",
            "licence": "Apache-2.0",
            "image": name,
            "needs": {"cpu": "4", "memory": "6Gi", **needs},
            "powers": powers or {},
        }
    )


DEMANDING: dict[str, Any] = {
    "ingress": True,
    "object_storage": True,
    "storage": [
        {"access_mode": "ReadWriteMany", "size": "15Gi"},
        {"access_mode": "ReadWriteOnce", "size": "5Gi"},
    ],
}


def test_a_site_that_offers_just_enough() -> None:
    verdict = place(contract(**DEMANDING, powers={"cluster_scoped": ["ClusterRole"]}), site())
    assert verdict.possible
    assert verdict.reasons == ()


@pytest.mark.parametrize(
    ("change", "field", "why"),
    [
        (
            {"quota": {"cpu": "3999m", "memory": "6Gi", "pods": 50}},
            "quota.cpu",
            "its pods request 4 CPU, the quota is 3999m",
        ),
        (
            {"quota": {"cpu": "4", "memory": "6G", "pods": 50}},
            "quota.memory",
            "its pods request 6Gi of memory, the quota is 6G",
        ),
        (
            {"object_storage": None},
            "object_storage",
            "it needs object storage, what the site has is not known",
        ),
        (
            {"storage": {"capacity": "20Gi"}},
            "storage.rwx_class",
            "it needs a ReadWriteMany volume, the site has no StorageClass for one",
        ),
        (
            {"storage": {"capacity": "19Gi", "rwx_class": "cephfs"}},
            "storage.capacity",
            "it claims 20Gi of storage, the capacity is 19Gi",
        ),
    ],
)
def test_each_lack_names_its_field(change: dict[str, Any], field: str, why: str) -> None:
    verdict = place(contract(**DEMANDING), site(**change))
    assert not verdict.possible
    (reason,) = verdict.reasons
    assert (reason.field, reason.why) == (field, why)
    assert field in reason.remedy


@pytest.mark.parametrize(
    ("powers", "why"),
    [
        ({"cluster_scoped": ["ClusterRole", "Namespace"]}, "ClusterRole, Namespace"),
        ({"cluster_secrets": True}, "reads the Secrets of every namespace"),
        ({"cluster_admin": True}, "is an administrator of the cluster"),
    ],
)
def test_a_tenant_gives_no_power_over_the_cluster(powers: dict[str, Any], why: str) -> None:
    tenant = site(privilege={"scope": "namespace"})
    (reason,) = place(contract(powers=powers), tenant).reasons
    assert reason.field == "privilege.scope"
    assert why in reason.why
    assert place(contract(powers=powers), site()).possible
    assert place(contract(), tenant).possible


GPUS = [{"model": "A100", "count": 4}]
LOGIN = {"login": True, "cpu": "1", "memory": "1Gi"}
REGISTERED = {"issuer": "https://login.example.edu", "client": "cilogon:/client_id/12ab"}
OWN_ISSUER = {**REGISTERED, "users": [{"name": "ada"}]}
CSI = {"kind": "csi", "repositories": ["atlas.cern.ch"]}


@pytest.mark.parametrize(
    ("needs", "change", "field", "why"),
    [
        ({}, {"cluster": {"kind": "hpc"}}, "cluster.kind", "batch work only"),
        ({}, {"quota": None}, "quota", "is not known"),
        ({"gpu": 2}, {}, "gpus", "it needs 2 nvidia.com/gpu, the site has none"),
        ({"gpu": 2}, {"gpus": GPUS}, "quota.gpu", "the quota is 0"),
        ({"gpu": 1, "gpu_resource": "amd.com/gpu"}, {"gpus": GPUS}, "gpus", "amd.com/gpu"),
        ({"ingress": True}, {"ingress": {"kind": "none"}}, "ingress", "the site has none"),
        ({"ingress": True}, {"ingress": None}, "ingress", "is not known"),
        ({"object_storage": True}, {"object_storage": {"kind": "none"}}, "object_storage", "none"),
        ({"cvmfs": ["atlas.cern.ch"]}, {}, "cvmfs", "it mounts atlas.cern.ch"),
        ({"cvmfs": ["atlas.cern.ch"]}, {"cvmfs": {"kind": "none"}}, "cvmfs", "has no CVMFS"),
        ({"cvmfs": ["cms.cern.ch"]}, {"cvmfs": CSI}, "cvmfs.repositories", "cms.cern.ch"),
        (LOGIN, {"identity": None}, "identity", "its users log in"),
        (
            LOGIN,
            {"identity": {"issuer": "https://login.example.edu"}},
            "identity.client",
            "its users log in, the laboratory is not registered at https://login.example.edu",
        ),
        ({"network_policy": True}, {}, "cni.network_policy", "may not enforce"),
        (
            {"network_policy": True},
            {"cni": {"network_policy": False}},
            "cni.network_policy",
            "does not enforce",
        ),
        (
            {"egress": ["data.example.edu"]},
            {"network": {"egress": "none"}},
            "network.egress",
            "its pods reach data.example.edu",
        ),
        (
            {"egress": ["data.example.edu", "cvmfs.example.edu"]},
            {"network": {"egress": "listed", "egress_hosts": ["data.example.edu"]}},
            "network.egress_hosts",
            "its pods reach cvmfs.example.edu,",
        ),
        (
            {"login": True, "own_login": True},
            {"identity": OWN_ISSUER},
            "identity.users",
            "sends nobody back",
        ),
    ],
)
def test_each_need_that_a_site_lacks(
    needs: dict[str, Any], change: dict[str, Any], field: str, why: str
) -> None:
    (reason,) = place(contract(**needs), site(**change)).reasons
    assert reason.field == field
    assert why in reason.why
    assert reason.remedy


@pytest.mark.parametrize(
    ("needs", "change"),
    [
        ({"gpu": 2}, {"gpus": GPUS, "quota": {"cpu": "4", "memory": "6Gi", "pods": 9, "gpu": 2}}),
        ({"cvmfs": ["atlas.cern.ch"]}, {"cvmfs": CSI}),
        (LOGIN, {"identity": REGISTERED}),
        ({"login": True, "own_login": True}, {"identity": REGISTERED}),
        (LOGIN, {"identity": OWN_ISSUER}),
        ({"login": True, "own_login": True, "callback": "/back"}, {"identity": OWN_ISSUER}),
        ({"network_policy": True}, {"cni": {"network_policy": True}}),
        ({"egress": ["data.example.edu"]}, {"network": {"egress": "open"}}),
        ({"egress": ["data.example.edu"]}, {"network": {}}),
        (
            {"egress": ["data.example.edu"]},
            {"network": {"egress": "listed", "egress_hosts": ["data.example.edu"]}},
        ),
        (
            {"storage": [{"access_mode": "ReadWriteMany", "size": "1Gi"}]},
            {
                "storage": {
                    "capacity": "1Gi",
                    "rwx_server": {"kind": "nfs", "server": "nfs.example.edu", "path": "/ssl"},
                }
            },
        ),
    ],
)
def test_each_need_that_a_site_meets(needs: dict[str, Any], change: dict[str, Any]) -> None:
    assert place(contract(**needs), site(**change)).reasons == ()


@pytest.mark.parametrize(
    ("powers", "fields"),
    [
        ({"cluster_scoped": ["CustomResourceDefinition"]}, ["crds"]),
        ({"privileged": True}, ["privileged", "pod_security"]),
        ({"host_path": True}, ["host_path", "pod_security"]),
        ({"capabilities": ["NET_RAW"]}, ["pod_security"]),
        ({"run_as_root": True}, ["pod_security"]),
        ({}, []),
    ],
)
def test_the_powers_that_a_site_does_not_give(powers: dict[str, Any], fields: list[str]) -> None:
    strict = site(privilege={"pod_security": "restricted"})
    reasons = place(contract(powers=powers), strict).reasons
    assert [reason.field for reason in reasons] == [f"privilege.{field}" for field in fields]
    generous = site(privilege={"crds": True, "privileged": True, "host_path": True})
    assert place(contract(powers=powers), generous).possible


NFS = {"kind": "nfs", "server": "nfs.example.edu", "path": "/ssl"}
POOLS = [{"name": "workers", "machine": "m", "most": 2}]
GKE = {"kind": "gke", "region": "us-central1", "node_pools": POOLS}
MAGNUM = {
    "kind": "openstack",
    "cloud": "c",
    "method": "magnum",
    "template": "t",
    "control_plane": "m",
    "node_pools": POOLS,
}
SHARED: dict[str, Any] = {"storage": [{"access_mode": "ReadWriteMany", "size": "1Gi"}]}
FOLDERS = {"storage": {"capacity": "1Gi"}}


@pytest.mark.parametrize(
    ("batch", "field"),
    [
        ([], "batch"),
        ([{"kind": "slurm"}], "batch[0].endpoint"),
        ([{"kind": "slurm"}, {"kind": "htcondor-ce", "endpoint": "ce.example.edu"}], None),
    ],
)
def test_a_batch_system_has_to_be_reached(batch: list[dict[str, Any]], field: str | None) -> None:
    reasons = place(contract(batch=True), site(batch=batch)).reasons
    assert [each.field for each in reasons] == ([field] if field else [])
    assert all(each.field in each.remedy for each in reasons)


def test_what_joins_a_batch_system_runs_without_one_as_well() -> None:
    assert place(contract(batch_if_there=True), site(batch=[])).possible


@pytest.mark.parametrize(
    ("balancing", "possible"),
    [
        (None, False),
        ({"kind": "none"}, False),
        ({"kind": "node-ports"}, False),
        ({"kind": "cloud"}, True),
        ({"kind": "octavia"}, True),
    ],
)
def test_an_address_of_its_own_takes_a_load_balancer(
    balancing: dict[str, Any] | None, possible: bool
) -> None:
    verdict = place(contract(load_balancer=True), site(load_balancing=balancing))
    assert [reason.field for reason in verdict.reasons] == ([] if possible else ["load_balancing"])


@pytest.mark.parametrize(
    "change",
    [
        {"cluster": {**GKE, "filestore": "1Ti"}, **FOLDERS},
        {"cluster": {**MAGNUM, "share": {"protocol": "nfs", "size": "1Gi"}}, **FOLDERS},
        {
            "storage": {"capacity": "1Gi", "rwx_class": "shared", "rwx_server": NFS},
            "privilege": {"scope": "namespace"},
        },
    ],
)
def test_a_file_server_or_a_class_gives_volumes_to_share(change: dict[str, Any]) -> None:
    assert place(contract(**SHARED), site(**change)).reasons == ()


@pytest.mark.parametrize(
    ("change", "field", "why"),
    [
        (
            {"storage": {"capacity": "1Gi", "rwx_server": {**NFS, "kind": "cephfs"}}},
            "storage.rwx_server",
            "CephFS is mounted by Ceph's CSI driver alone",
        ),
        (
            {"cluster": {**MAGNUM, "share": {"protocol": "cephfs", "size": "1Gi"}}, **FOLDERS},
            "cluster.share",
            "CephFS is mounted by Ceph's CSI driver alone",
        ),
        (
            {
                "storage": {"capacity": "1Gi", "rwx_server": NFS},
                "privilege": {"scope": "namespace"},
            },
            "storage.rwx_server",
            "one on a file server is a PersistentVolume, which privilege.scope: namespace forbids",
        ),
        ({"cluster": GKE, **FOLDERS}, "storage.rwx_class", "no StorageClass for one"),
    ],
)
def test_a_file_server_that_pods_cannot_mount(change: dict[str, Any], field: str, why: str) -> None:
    (reason,) = place(contract(**SHARED), site(**change)).reasons
    assert reason.field == field
    assert why in reason.why
    assert reason.remedy.startswith("set storage.rwx_class to a StorageClass")


def test_a_file_server_does_not_do_where_the_application_claims_the_volume_itself() -> None:
    claimed: dict[str, Any] = {
        "storage": [{"access_mode": "ReadWriteMany", "size": "1Gi", "by_class": True}]
    }
    by_server = {"storage": {"capacity": "1Gi", "rwx_server": NFS}}
    (reason,) = place(contract(**claimed), site(**by_server)).reasons
    assert reason.field == "storage.rwx_class"
    by_class = {"storage": {"capacity": "1Gi", "rwx_class": "shared"}}
    assert place(contract(**claimed), site(**by_class)).possible


def test_what_pushes_images_needs_a_registry() -> None:
    (reason,) = place(contract(registry=True), site(registry={"images": None})).reasons
    assert (reason.field, reason.why) == (
        "registry.images",
        "it pushes images, the site has no registry for them",
    )
    assert place(contract(registry=True), site(registry={"images": "hub.example.edu"})).possible


def test_every_lack_is_told() -> None:
    poor = site(
        quota={"cpu": "1", "memory": "1Gi", "pods": 1},
        object_storage=None,
        storage={"capacity": "1Gi"},
        privilege={"scope": "namespace"},
    )
    verdict = place(contract(**DEMANDING, powers={"cluster_admin": True}), poor)
    assert [reason.field for reason in verdict.reasons] == [
        "quota.cpu",
        "quota.memory",
        "object_storage",
        "storage.rwx_class",
        "storage.capacity",
        "privilege.scope",
    ]


def test_all_patterns_by_name() -> None:
    contracts = {name: contract(name) for name in ("z", "a")}
    assert [each.pattern for each in place_all(contracts, site())] == ["a", "z"]


def test_a_login_in_front_counts_with_the_pattern() -> None:
    reasons = place(contract(login=True), site(identity=REGISTERED)).reasons
    assert [(each.field, each.remedy) for each in reasons] == [
        ("quota.cpu", "raise quota.cpu to at least 4040m"),
        ("quota.memory", "raise quota.memory to at least 6272Mi"),
    ]
