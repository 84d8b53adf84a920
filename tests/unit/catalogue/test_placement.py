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
    "ingress": {"domain": "a.example.edu"},
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
            "it needs object storage, the site has none",
        ),
        (
            {"storage": {"capacity": "20Gi"}},
            "storage.rwx_class",
            "it needs a ReadWriteMany volume, the site has no StorageClass for one",
        ),
        (
            {"storage": {"capacity": "19Gi", "rwx_class": "cephfs"}},
            "storage.capacity",
            "it claims 15Gi + 5Gi of storage, the capacity is 19Gi",
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
