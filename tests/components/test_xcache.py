from __future__ import annotations

from typing import Any

import pytest

from components.workloads import HouseRules
from patterns.xcache.component import amended
from patterns.xcache.settings import Settings
from sslab.catalogue.placement import place
from sslab.catalogue.quantity import parse_quantity, total
from tests.components import charted
from tests.components.charted import CONTRACTS, chart, needed
from tests.components.recording import Recording, site

STORAGE = {"kind": "seaweedfs", "capacity": "5Gi", "buckets": ["xcache"]}
REPORT = {"site": "MWT2", "address": "xcache.example.edu"}


def laboratory(settings: dict[str, Any] | None = None) -> Recording:
    return charted.laboratory("xcache", settings, object_storage=STORAGE)


def deployment() -> dict[str, Any]:
    """Return as much of the chart's Deployment as the laboratory changes, in its own form."""
    beside = {"requests": {"ephemeral-storage": "600Mi"}, "limits": {"memory": "512M"}}
    reported = [{"name": name, "value": "x"} for name in ("XC_RESOURCENAME", "XC_MONITOR")]
    cache = {
        "name": "xcache",
        "env": [{"name": "XC_PORT", "value": "1094"}, *reported],
        "readinessProbe": {"exec": {"command": ["/usr/local/sbin/heartbeat.sh"]}},
        "resources": {
            "requests": {"ephemeral-storage": "5Gi", "memory": "16G"},
            "limits": {"ephemeral-storage": "25Gi"},
        },
    }
    others = [{"name": each, "resources": beside} for each in ("x509", "reporter", "heartbeats")]
    return {"metadata": {}, "spec": {"template": {"spec": {"containers": [cache, *others]}}}}


def containers(settings: Settings, house: HouseRules | None = None) -> list[dict[str, Any]]:
    made = amended("Deployment", deployment(), house or HouseRules(), settings)
    found: list[dict[str, Any]] = made["spec"]["template"]["spec"]["containers"]
    return found


def test_the_chart_is_pinned_and_of_the_projects_repository() -> None:
    made = chart(laboratory()).props
    assert (made["chart"], made["version"]) == ("xcache", "0.8.1")
    assert made["repositoryOpts"] == {"repo": "https://slateci.io/slate-catalog-stable"}


def test_folders_and_memory_are_in_the_values() -> None:
    told = charted.values(laboratory({"directories": ["/d/1", "/d/2"], "ram_gb": 16}))
    assert told["Instance"] == "ssl"
    assert told["Service"] == {"Port": 1094}
    assert told["SiteConfig"] == {}
    assert told["XCacheConfig"] == {
        "CacheDirectories": [{"path": "/d/1"}, {"path": "/d/2"}],
        "MetaDirectory": "/scratch/xcache/meta",
        "RamSize": "16g",
        "CertSecret": "xcache-cert-secret",
    }


def test_the_certificate_is_in_the_secret_that_the_chart_mounts_and_nowhere_else() -> None:
    made = laboratory()
    secret = made.one("Secret", "xcache-cert-secret", "xcache")
    assert secret.props["stringData"] == {
        "userkey": "value-of-xcache-private-key\n",
        "usercert": "value-of-xcache-certificate\n",
    }
    assert not secret.plain("stringData.userkey")
    assert "value-of-xcache-private-key" not in str(charted.values(made))


def test_pods_find_it_by_the_patterns_own_name() -> None:
    made = laboratory({"port": 2094})
    service = made.one("Service", "xcache", "xcache").spec
    assert service["selector"] == {"release": chart(made).name}
    (port,) = service["ports"]
    assert (port["port"], port["targetPort"]) == (2094, 2094)
    (job,) = [each for each in made.of("Job") if each.namespace == "xcache"]
    told = {each["name"]: each.get("value") for each in job.container("xcache")["env"]}
    assert (told["CACHE"], told["PORT"]) == ("xcache", "2094")
    assert told["FILE"] == Settings().probe


def test_nobody_is_told_what_is_read_unless_the_site_says_so() -> None:
    cache, x509 = containers(Settings())
    assert (cache["name"], x509["name"]) == ("xcache", "x509")
    assert [each["name"] for each in cache["env"]] == ["XC_PORT"]
    assert cache["readinessProbe"]["tcpSocket"] == {"port": 1094}


def test_a_site_may_report_as_the_site_that_atlas_knows() -> None:
    told = charted.values(laboratory({"report": REPORT}))
    assert told["SiteConfig"] == {"Name": "MWT2"}
    assert told["Service"] == {"Port": 1094, "ExternalIP": "xcache.example.edu"}
    found = containers(Settings.model_validate({"report": REPORT}))
    assert [each["name"] for each in found] == ["xcache", "x509", "reporter", "heartbeats"]
    before = deployment()["spec"]["template"]["spec"]["containers"][0]
    assert {key: found[0][key] for key in ("env", "readinessProbe")} == {
        key: before[key] for key in ("env", "readinessProbe")
    }


def test_a_service_of_the_chart_opens_no_port_of_the_nodes() -> None:
    ports = [{"name": "xrootd", "port": 1094, "nodePort": 31094}]
    spec = {"type": "NodePort", "externalIPs": ["192.0.2.1"], "ports": ports, "selector": {}}
    made = amended("Service", {"spec": spec}, HouseRules(), Settings())["spec"]
    assert made == {
        "type": "ClusterIP",
        "ports": [{"name": "xrootd", "port": 1094}],
        "selector": {},
    }


def test_the_contract_says_what_the_cache_and_its_probe_request() -> None:
    found = containers(Settings(), HouseRules(limits_over_requests_percent=20))
    assert found[0]["resources"] == {
        "requests": {"cpu": "1", "memory": "6Gi", "ephemeral-storage": "5Gi"},
        "limits": {"cpu": "1200m", "memory": "6Gi", "ephemeral-storage": "25Gi"},
    }
    (job,) = [each for each in laboratory().of("Job") if each.namespace == "xcache"]
    requests = [each["resources"]["requests"] for each in (*found, job.container("xcache"))]
    for resource in ("cpu", "memory"):
        assert needed("xcache", resource) == total(each[resource] for each in requests)


def test_the_memory_of_the_pod_grows_with_that_of_the_cache() -> None:
    (cache, _) = containers(Settings(ram_gb=64))
    assert parse_quantity(cache["resources"]["requests"]["memory"]) == parse_quantity("66Gi")


@pytest.mark.parametrize(
    ("privilege", "missing"),
    [
        ({"scope": "namespace", "namespaces": ["given"]}, ["privilege.host_path"]),
        (
            {"scope": "namespace", "namespaces": ["given"], "pod_security": "baseline"},
            ["privilege.host_path", "privilege.pod_security"],
        ),
        ({"scope": "cluster", "host_path": True}, []),
    ],
)
def test_it_takes_folders_and_the_network_of_a_node(
    privilege: dict[str, Any], missing: list[str]
) -> None:
    offered = {**charted.LARGE, "object_storage": STORAGE, "privilege": privilege}
    verdict = place(CONTRACTS["xcache"], site(**offered))
    assert [reason.field for reason in verdict.reasons] == missing


def test_what_is_no_address_of_a_file_is_refused() -> None:
    with pytest.raises(ValueError, match="probe"):
        Settings(probe="https://example.org/file.root")
