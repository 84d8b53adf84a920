from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sslab.catalogue.contract import Needs, Powers
from sslab.catalogue.quantity import parse_quantity
from sslab.catalogue.shares import shares
from sslab.errors import SslabError
from sslab.site.agreement import Quota
from tests.components.recording import Recording, record_laboratory, site


def test_every_namespace_admits_only_restricted_pods(local: Recording) -> None:
    namespaces = local.of("Namespace")
    assert {each.metadata["name"] for each in namespaces} == {
        "ssl-ingress",
        "ssl-object-storage",
        "fitting-service",
        "z-peak",
    }
    for each in namespaces:
        labels = each.metadata["labels"]
        for mode in ("enforce", "audit", "warn"):
            assert labels[f"pod-security.kubernetes.io/{mode}"] == "restricted"


def test_a_pod_without_limits_gets_some(local: Recording) -> None:
    limited = {each.namespace: each.spec["limits"] for each in local.of("LimitRange")}
    assert set(limited) == {each.metadata["name"] for each in local.of("Namespace")}
    for limits in limited.values():
        (container,) = limits
        assert container["type"] == "Container"
        for unit in ("cpu", "memory"):
            low = parse_quantity(container["defaultRequest"][unit])
            assert 0 < low <= parse_quantity(container["default"][unit])


def test_pods_come_after_the_quota_and_the_limits(local: Recording) -> None:
    guards = {
        (each.namespace, each.kind): each.urn
        for kind in ("ResourceQuota", "LimitRange")
        for each in local.of(kind)
    }
    for each in local.pods():
        for kind in ("ResourceQuota", "LimitRange"):
            assert guards[(each.namespace, kind)] in each.depends_on


def test_where_the_quota_is_not_known_there_is_none() -> None:
    recording = record_laboratory(site(quota=None))
    assert recording.of("ResourceQuota") == []
    assert len(recording.of("LimitRange")) == len(recording.of("Namespace")) == 4


@pytest.mark.parametrize(
    ("powers", "level"),
    [
        (Powers(), "restricted"),
        (Powers(cluster_scoped=("ClusterRole",), external_service=True), "restricted"),
        (Powers(run_as_root=True), "baseline"),
        (Powers(privileged=True), "privileged"),
        (Powers(host_path=True), "privileged"),
        (Powers(host_network=True), "privileged"),
        (Powers(host_pid=True), "privileged"),
        (Powers(capabilities=("NET_RAW",)), "privileged"),
    ],
)
def test_pod_security_follows_the_contract(powers: Powers, level: str) -> None:
    assert powers.pod_security == level


millicores = st.integers(min_value=1, max_value=5000).map(lambda number: f"{number}m")
mebibytes = st.integers(min_value=1, max_value=5000).map(lambda number: f"{number}Mi")
needs = st.builds(Needs, cpu=millicores, memory=mebibytes)


@given(
    layers=st.dictionaries(st.sampled_from(["ssl-a", "ssl-b"]), needs, max_size=2),
    patterns=st.dictionaries(st.sampled_from(["c", "d", "e"]), needs, max_size=3),
)
def test_everybody_gets_what_they_need_and_nobody_more_than_there_is(
    layers: dict[str, Needs], patterns: dict[str, Needs]
) -> None:
    quota = Quota(cpu="25", memory="25000Mi", pods=3)
    given_out = shares("example", quota, layers, patterns)
    everybody = {**layers, **patterns}
    assert set(given_out) == set(everybody)
    for name, each in everybody.items():
        assert parse_quantity(given_out[name].cpu) >= parse_quantity(each.cpu)
        assert parse_quantity(given_out[name].memory) >= parse_quantity(each.memory)
    assert sum(parse_quantity(each.cpu) for each in given_out.values()) <= 25
    assert sum(parse_quantity(each.memory) for each in given_out.values()) <= 25000 * 1024**2


NVIDIA, AMD = "nvidia.com/gpu", "amd.com/gpu"


def test_accelerators_are_for_the_patterns_that_need_them() -> None:
    patterns = {
        "one": Needs(cpu="1", memory="1Gi", gpu=1),
        "two": Needs(cpu="1", memory="1Gi", gpu=2, gpu_resource=AMD),
        "none": Needs(cpu="1", memory="1Gi"),
    }
    layers = {"ssl-a": Needs(cpu="1", memory="1Gi")}
    quota = Quota(cpu="9", memory="9Gi", pods=3, gpu=7)
    given_out = shares("example", quota, layers, patterns, [AMD, NVIDIA])
    assert {name: each.accelerators for name, each in given_out.items()} == {
        "ssl-a": {AMD: 0, NVIDIA: 0},
        "one": {AMD: 0, NVIDIA: 2},
        "two": {AMD: 4, NVIDIA: 0},
        "none": {AMD: 0, NVIDIA: 0},
    }


def test_too_few_accelerators_are_refused() -> None:
    patterns = {name: Needs(cpu="1", memory="1Gi", gpu=1) for name in ("one", "two")}
    quota = Quota(cpu="9", memory="9Gi", pods=3, gpu=1)
    with pytest.raises(SslabError, match=r"sites/x.yaml: quota.gpu: 1 is less than the 2 .*raise"):
        shares("x", quota, {}, patterns, [NVIDIA])


@pytest.mark.parametrize(("gpu", "limit"), [(2, "0"), (0, None)])
def test_where_the_site_has_a_quota_of_accelerators_others_get_none(
    gpu: int, limit: str | None
) -> None:
    quota = {"cpu": "9", "memory": "9Gi", "pods": 9, "gpu": gpu}
    recording = record_laboratory(site(quota=quota, gpus=[{"model": "A100"}]))
    found = {each.spec["hard"].get(f"requests.{NVIDIA}") for each in recording.of("ResourceQuota")}
    assert found == {limit}
