from __future__ import annotations

from pathlib import Path
from typing import Any

import pulumi
import pytest

from components.metallb import MetalLB, MetalLBArgs, no_address
from components.workloads import HouseRules
from sslab.catalogue.layers import LAYER_POWERS
from sslab.site import substrate
from sslab.toolchain.charts import ChartFolder
from tests.components.recording import (
    Recorded,
    Recording,
    image,
    record,
    record_laboratory,
    site,
)

CHART = ChartFolder(Path("/cache/charts/metallb-1.2.3@sha256:0123"), "1.2.3")
POOL = ["192.0.2.0/28", "192.0.2.32-192.0.2.40"]


def recorded(house: HouseRules | None = None) -> Recording:
    def program() -> None:
        made = MetalLB(
            "metallb",
            MetalLBArgs(
                namespace="ssl-metallb",
                image=image("metallb"),
                chart=CHART,
                pool=POOL,
                house=house or HouseRules(),
            ),
        )
        pulumi.export("pool", made.pool)

    return record(program)


def chart(recording: Recording) -> Recorded:
    return recording.token("kubernetes:helm.sh/v4:Chart")


def values(recording: Recording) -> dict[str, Any]:
    found: dict[str, Any] = chart(recording).props["values"]
    return found


def test_the_chart_is_pinned_by_version_and_digest() -> None:
    props = chart(recorded()).props
    assert props["chart"] == "/cache/charts/metallb-1.2.3@sha256:0123"
    assert props["version"] == "1.2.3"
    assert props["namespace"] == "ssl-metallb"


def test_the_pool_is_announced_once_the_chart_is_there() -> None:
    recording = recorded()
    pool, announced = recording.one("IPAddressPool", "ssl"), recording.one("L2Advertisement", "ssl")
    assert pool.spec == {"addresses": POOL}
    assert announced.spec == {"ipAddressPools": ["ssl"]}
    for each in (pool, announced):
        assert each.props["apiVersion"] == "metallb.io/v1beta1"
        assert each.namespace == "ssl-metallb"
        assert chart(recording).urn in each.depends_on


def test_both_programs_run_from_the_laboratorys_image_without_bgp() -> None:
    found = values(recorded())
    for name in ("controller", "speaker"):
        assert found[name]["image"] == {
            "repository": "ssl.local/metallb",
            "tag": "0123456789abcdef",
            "pullPolicy": "IfNotPresent",
        }
        assert found[name]["command"] == f"/metallb-{name}"
    assert found["speaker"]["frr"] == {"enabled": False}
    assert found["imagePullSecrets"] == []


def test_only_the_speaker_is_root_and_both_have_a_seccomp_profile() -> None:
    found = values(recorded())
    assert found["controller"]["securityContext"] == {
        "seccompProfile": {"type": "RuntimeDefault"},
        "runAsNonRoot": True,
        "runAsUser": 65532,
        "fsGroup": 65532,
    }
    assert found["speaker"]["securityContext"] == {
        "seccompProfile": {"type": "RuntimeDefault"},
        "runAsUser": 0,
    }
    assert LAYER_POWERS["MetalLB"].pod_security == "privileged"


def test_the_rules_of_the_house_hold_for_a_chart_too() -> None:
    house = HouseRules(limits_over_requests_percent=20, pull_secret="registry")
    found = values(recorded(house))
    assert found["imagePullSecrets"] == [{"name": "registry"}]
    for name in ("controller", "speaker"):
        assert found[name]["resources"] == {
            "requests": {"cpu": "25m", "memory": "96Mi"},
            "limits": {"cpu": "30m", "memory": "96Mi"},
        }


@pytest.mark.parametrize(
    ("address", "told"),
    [
        (None, "load_balancing.pool: MetalLB gave the ingress no address of 192.0.2.0/28, 192."),
        ("192.0.2.3", "load_balancing.address: MetalLB gave the ingress no address of 192.0.2.3 "),
    ],
)
def test_a_service_without_an_address_is_explained(address: str | None, told: str) -> None:
    offered = substrate.MetalLB(kind="metallb", pool=tuple(POOL), address=address)
    message = no_address("campus", offered)
    assert message.startswith(f"sites/campus.yaml: {told}")
    assert message.endswith("free one, or add addresses to load_balancing.pool")


def laboratory(**changes: Any) -> Recording:
    return record_laboratory(
        site(
            load_balancing={"kind": "metallb", "pool": ["192.0.2.0/28"], **changes},
            ingress={"kind": "traefik", "domain": "ssl.example.edu"},
        )
    )


def test_the_sites_own_metallb_is_asked_for_an_address_and_nothing_of_it_is_made() -> None:
    recording = laboratory()
    assert not [each for each in recording if each.token == "ssl:components:MetalLB"]
    assert "ssl-metallb" not in {each.name for each in recording.of("Namespace")}
    service = recording.one("Service", "traefik")
    assert service.metadata["annotations"] == {"pulumi.com/timeoutSeconds": "60"}


def test_the_ingress_asks_for_the_pool_that_the_laboratory_announces() -> None:
    recording = laboratory(install=True, address="192.0.2.3")
    service = recording.one("Service", "traefik")
    assert service.spec["type"] == "LoadBalancer"
    assert service.metadata["annotations"] == {
        "pulumi.com/timeoutSeconds": "60",
        "metallb.io/loadBalancerIPs": "192.0.2.3",
        "metallb.io/address-pool": "ssl",
    }
    for kind in ("IPAddressPool", "L2Advertisement"):
        assert recording.one(kind, "ssl").urn in service.depends_on
    name = chart(recording).props["chart"].rpartition("/")[2]
    assert name.startswith("metallb-0.15.2@sha256:")


def test_its_namespace_is_privileged_and_a_speaker_may_run_on_every_node() -> None:
    recording = laboratory(install=True)
    labels = recording.one("Namespace", "ssl-metallb").metadata["labels"]
    assert labels["pod-security.kubernetes.io/enforce"] == "privileged"
    assert "ssl-metallb" not in {each.namespace for each in recording.of("ResourceQuota")}
