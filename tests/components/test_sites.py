"""Every kind of site can be planned, with the layers that there are."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from components.workloads import HouseRules
from sslab.catalogue.loading import load_contracts
from sslab.catalogue.quantity import parse_quantity
from sslab.errors import SslabError
from sslab.site.model import Site
from tests.components.recording import ROOT, Recording, image, record_laboratory, site
from tests.components.test_object_storage import GCS, S3, SWIFT
from tests.components.test_routes import CLASS, GATEWAY, ISSUER, SECRET, TRAEFIK

CLUSTER_SCOPED = {"Namespace", "ClusterRole", "ClusterRoleBinding", "IngressClass"}
OWN = {"kind": "seaweedfs", "capacity": "5Gi", "buckets": ["fitting-service", "z-peak"]}
TENANT = {"scope": "namespace", "namespaces": ["given", "another"]}
POOL = {"name": "workers", "machine": "large", "most": 3}
CLUSTERS = [
    {"kind": "local"},
    {"kind": "existing", "context": "campus"},
    {"kind": "existing"},
    {"kind": "gke", "region": "us-central1", "node_pools": [POOL]},
    {
        "kind": "openstack",
        "cloud": "campus",
        "method": "k3s",
        "control_plane": "medium",
        "node_pools": [POOL],
    },
]


def identities(recording: Recording) -> list[tuple[str, str | None, str]]:
    return [(each.kind, each.namespace, each.metadata["name"]) for each in recording.objects()]


@pytest.mark.parametrize("ingress", [CLASS, GATEWAY, None])
@pytest.mark.parametrize("objects", [OWN, S3])
def test_a_tenant_makes_nothing_outside_the_namespace_it_was_given(
    ingress: dict[str, Any] | None, objects: dict[str, Any]
) -> None:
    the_site = site(privilege=TENANT, ingress=ingress, object_storage=objects)
    recording = record_laboratory(the_site)
    made = identities(recording)
    assert {namespace for _, namespace, _ in made} == {"given"}
    assert len(set(made)) == len(made)
    kinds = {kind for kind, _, _ in made}
    # quota and limits are the business of whoever gave the namespace
    assert kinds & {*CLUSTER_SCOPED, "ResourceQuota", "LimitRange"} == set()
    assert {"Deployment", "Job", "Service", "Secret"} <= kinds


def test_no_pattern_is_called_like_an_object_of_a_layer() -> None:
    # in the one namespace of a tenant, and among the host names of every site, they would meet
    assert set(load_contracts(ROOT)) & {"s3", "object-storage", "traefik", "prometheus"} == set()


def test_a_tenants_patterns_find_the_object_storage_beside_them() -> None:
    recording = record_laboratory(site(privilege=TENANT, ingress=CLASS))
    container = recording.one("Deployment", "fitting-service").container("fitting-service")
    endpoint = next(each for each in container["env"] if each["name"] == "AWS_ENDPOINT_URL_S3")
    assert endpoint["value"] == "http://object-storage.given.svc.cluster.local:8333"


def test_a_tenant_cannot_have_traefik() -> None:
    with pytest.raises(SslabError, match=r"^sites/local\.yaml: ingress\.kind: traefik .*; choose"):
        record_laboratory(site(privilege=TENANT))


def test_a_tenant_whose_namespace_is_not_known_is_refused_by_its_field() -> None:
    unknown = site(privilege={"scope": "namespace"}, ingress=CLASS)
    with pytest.raises(SslabError, match=r"^sites/local\.yaml: privilege\.namespaces: .*; name"):
        record_laboratory(unknown)


def test_a_site_without_kubernetes_has_an_empty_laboratory() -> None:
    recording = record_laboratory(site(cluster={"kind": "hpc"}))
    assert [each.token for each in recording] == ["ssl:components:Laboratory"]


def test_a_site_of_which_nothing_is_known_has_layers_without_facts() -> None:
    bare = Site(name="bare", title="Bare", status="planned", cluster={"kind": "existing"})
    recording = record_laboratory(bare)
    assert recording.objects() == []
    assert {each.token.rpartition(":")[2] for each in recording} == {
        "Laboratory", "KubernetesCluster", "Namespaces", "Storage", "kubernetes",
    }  # fmt: skip


REACHED = [TRAEFIK, CLASS, GATEWAY]
ENCRYPTED = [{**reached, "tls": tls} for reached in REACHED for tls in (SECRET, ISSUER)]
BALANCED = [
    {"kind": "node-ports"},
    {"kind": "cloud"},
    {"kind": "octavia", "address": "192.0.2.10"},
    {"kind": "metallb", "pool": ["192.0.2.0/28"]},
]
NONE = {"kind": "none"}


@pytest.mark.volume
@settings(max_examples=40, deadline=None)
@given(
    cluster=st.sampled_from(CLUSTERS),
    privilege=st.sampled_from([{}, TENANT]),
    quota=st.sampled_from([None, {"cpu": "4", "memory": "6Gi", "pods": 50}]),
    storage=st.sampled_from([None, {"capacity": "20Gi"}]),
    ingress=st.sampled_from([*REACHED, *ENCRYPTED, NONE, None]),
    load_balancing=st.sampled_from([*BALANCED, NONE, None]),
    object_storage=st.sampled_from([OWN, S3, SWIFT, GCS]),
    registry=st.sampled_from([{}, {"images": "registry.example.edu/ssl", "pull_secret": "pull"}]),
)
def test_every_combination_can_be_planned(**facts: Any) -> None:
    the_site = site(**facts)
    if facts["privilege"] and facts["ingress"] and facts["ingress"]["kind"] == "traefik":
        with pytest.raises(SslabError, match="traefik"):
            record_laboratory(the_site)
        return
    recording = record_laboratory(the_site)
    made = identities(recording)
    assert len(set(made)) == len(made)
    for kind, namespace, name in made:
        assert (namespace is None) is (kind in CLUSTER_SCOPED), (kind, name)
    routes = [*recording.of("Ingress"), *recording.of("HTTPRoute")]
    hosts = [
        host
        for each in routes
        for host in each.spec.get("hostnames") or [rule["host"] for rule in each.spec["rules"]]
    ]
    expected = ["fitting-service", *(["s3"] if facts["object_storage"] == OWN else [])]
    assert sorted(hosts) == [the_site.host(name) for name in expected if the_site.reached]


def test_images_come_from_the_sites_registry_with_its_credentials() -> None:
    reference = "registry.example.edu/ssl/z-peak:0123456789abcdef"
    recording = record_laboratory(
        site(registry={"images": "registry.example.edu/ssl", "pull_secret": "pull"}),
        images={"z-peak": reference},
    )
    pods = recording.pods()
    assert len(pods) == 4
    for each in pods:
        assert each.pod["imagePullSecrets"] == [{"name": "pull"}]
    (job,) = recording.of("Job")
    assert job.container("z-peak")["image"] == reference != image("z-peak")


def test_without_a_registry_pods_hold_no_credentials_for_one(local: Recording) -> None:
    assert not [each.urn for each in local.pods() if "imagePullSecrets" in each.pod]


def test_limits_keep_to_the_rule_of_the_house() -> None:
    recording = record_laboratory(site(rules={"limits_over_requests_percent": 20}))
    bounded = [
        container["resources"] for each in recording.pods() for container in each.pod["containers"]
    ]
    assert len(bounded) == 5
    for each in bounded:
        for unit in ("cpu", "memory"):
            request, limit = (parse_quantity(each[field][unit]) for field in ("requests", "limits"))
            assert request <= limit <= request * 120 / 100
    for each in recording.of("LimitRange"):
        (container,) = each.spec["limits"]
        assert container["default"] == {"cpu": "60m", "memory": "80530636"}


def test_the_fitting_service_starts_no_more_fits_than_it_has_cores() -> None:
    recording = record_laboratory(site(rules={"limits_over_requests_percent": 20}))
    container = recording.one("Deployment", "fitting-service").container("fitting-service")
    assert container["resources"]["limits"]["cpu"] == "300m"
    assert {"name": "FIT_WORKERS", "value": "1"} in container["env"]


@given(
    percent=st.integers(min_value=0, max_value=1000),
    request_m=st.integers(min_value=1, max_value=10_000),
    wanted_m=st.integers(min_value=1, max_value=10_000),
)
def test_a_limit_is_the_wanted_one_or_the_highest_that_is_allowed(
    percent: int, request_m: int, wanted_m: int
) -> None:
    house = HouseRules(limits_over_requests_percent=percent)
    limits = house.limits({"cpu": f"{request_m}m"}, {"cpu": f"{wanted_m}m"})
    highest = request_m * (100 + percent) // 100
    assert parse_quantity(limits["cpu"]) * 1000 == min(wanted_m, highest)
