from __future__ import annotations

from typing import Any

from components.workloads import HouseRules
from patterns.frontier_squid.component import amended
from sslab.catalogue.placement import place
from sslab.catalogue.quantity import parse_quantity
from tests.components import charted
from tests.components.charted import CONTRACTS, chart, needed
from tests.components.recording import Recording, site

STORAGE = {"kind": "seaweedfs", "capacity": "5Gi", "buckets": ["frontier-squid"]}


def laboratory(settings: dict[str, Any] | None = None) -> Recording:
    return charted.laboratory("frontier-squid", settings, object_storage=STORAGE)


def test_the_chart_is_pinned_and_of_the_projects_repository() -> None:
    made = chart(laboratory()).props
    assert (made["chart"], made["version"]) == ("osg-frontier-squid", "1.8.8")
    assert made["repositoryOpts"] == {"repo": "https://slateci.io/slate-catalog-stable"}


def test_settings_are_in_the_values_and_it_takes_no_port_of_the_nodes() -> None:
    told = charted.values(laboratory({"cache_memory_mb": 512, "clients": "10.1.0.0/16"}))
    assert told["SquidConf"] == {"CacheMem": 512, "CacheSize": 10000, "IPRange": "10.1.0.0/16"}
    assert told["Service"] == {"ExternalVisibility": "ClusterIP"}


def test_pods_find_it_by_the_patterns_own_name() -> None:
    made = laboratory()
    service = made.one("Service", "frontier-squid", "frontier-squid").spec
    assert service["selector"] == {"release": chart(made).name}
    (port,) = service["ports"]
    (job,) = [each for each in made.of("Job") if each.namespace == "frontier-squid"]
    told = {each["name"]: each.get("value") for each in job.container("frontier-squid")["env"]}
    assert told["PROXY"] == f"http://frontier-squid:{port['port']}"


def test_the_contract_says_what_squid_and_its_probe_request() -> None:
    stated = {"requests": {"cpu": 1, "memory": "1024Mi", "ephemeral-storage": "16537Mi"}}
    stated["limits"] = {"cpu": 2, "memory": "2048Mi", "ephemeral-storage": "21537Mi"}
    pod = {"containers": [{"name": "osg-frontier-squid", "resources": stated}]}
    given = {"metadata": {}, "spec": {"template": {"spec": pod}}}
    house = HouseRules(limits_over_requests_percent=20)
    made = amended("Deployment", given, house, "2048Mi")["spec"]["template"]["spec"]["containers"]
    found = made[0]["resources"]
    assert found["limits"] == {"cpu": "1200m", "memory": "2048Mi", "ephemeral-storage": "21537Mi"}
    assert found["requests"]["ephemeral-storage"] == "16537Mi"
    (job,) = [each for each in laboratory().of("Job") if each.namespace == "frontier-squid"]
    probe = job.container("frontier-squid")["resources"]["requests"]
    for resource in ("cpu", "memory"):
        together = parse_quantity(found["requests"][resource]) + parse_quantity(probe[resource])
        assert needed("frontier-squid", resource) == together


def test_a_tenant_may_run_it() -> None:
    tenant = {"scope": "namespace", "namespaces": ["given"], "pod_security": "baseline"}
    sound = {**charted.LARGE, "object_storage": STORAGE, "privilege": tenant}
    assert place(CONTRACTS["frontier-squid"], site(**sound)).possible
