from __future__ import annotations

import json
from typing import Any

import pytest

from components.scheduling import KUEUE
from sslab.catalogue.layers import LAYER_NEEDS, LAYER_POWERS, images_of, layer_needs
from sslab.catalogue.loading import load_contracts
from sslab.catalogue.quantity import parse_quantity
from sslab.site.model import Site
from sslab.toolchain.charts import KUEUE_CHART
from sslab.toolchain.programs import KUEUE as PROGRAM
from sslab.toolchain.sites import charts, image_programs
from tests.components.recording import ROOT, Recorded, Recording, record_laboratory, site

GROUPS = {"cms": {"cpu": "1", "memory": "2Gi"}, "atlas": {"cpu": "500m", "memory": "1Gi"}}
SEARCH = "hyperparameter-search"


def queued(**settings: Any) -> Site:
    return site(
        scheduling={"kind": "kueue", "groups": GROUPS},
        patterns={SEARCH: settings, "z-peak": {}},
        object_storage={"kind": "seaweedfs", "capacity": "5Gi", "buckets": [SEARCH, "z-peak"]},
    )


@pytest.fixture(scope="module")
def recording() -> Recording:
    return record_laboratory(queued(queue="cms"))


def chart(recording: Recording) -> Recorded:
    return recording.token("kubernetes:helm.sh/v4:Chart")


def test_the_chart_is_that_of_the_go_module(recording: Recording) -> None:
    props = chart(recording).props
    version = KUEUE_CHART.version(ROOT / "toolchain")
    assert version == "0.16.1"
    assert props["version"] == version
    assert f"kueue-{version}@sha256:{KUEUE_CHART.digest(ROOT / 'toolchain')}" in props["chart"]
    assert props["namespace"] == "ssl-scheduling"


def test_the_controller_is_ours_and_cares_for_jobs_of_the_patterns_alone(
    recording: Recording,
) -> None:
    values = chart(recording).props["values"]
    manager = values["controllerManager"]["manager"]
    assert manager["image"] == {
        "repository": "ssl.local/kueue",
        "tag": "0123456789abcdef",
        "pullPolicy": "IfNotPresent",
    }
    needs = LAYER_NEEDS["Scheduling"]  # of two: the old one and the new one
    for unit in ("cpu", "memory"):
        request = parse_quantity(manager["resources"]["requests"][unit])
        assert 2 * request == parse_quantity(getattr(needs, unit))
    configuration = json.loads(values["managerConfig"]["controllerManagerConfigYaml"])
    assert configuration["integrations"] == {"frameworks": ["batch/job"]}
    (rule,) = configuration["managedJobsNamespaceSelector"]["matchExpressions"]
    assert (rule["operator"], rule["values"]) == ("In", [SEARCH, "z-peak"])


def test_each_group_has_its_quota_and_borrows_nothing(recording: Recording) -> None:
    for group, quota in GROUPS.items():
        spec = recording.one("ClusterQueue", group).spec
        assert "cohort" not in spec
        assert "cohortName" not in spec
        (resources,) = spec["resourceGroups"]
        assert resources["coveredResources"] == ["cpu", "memory"]
        (flavour,) = resources["flavors"]
        assert recording.one("ResourceFlavor", flavour["name"])
        nominal = {each["name"]: each["nominalQuota"] for each in flavour["resources"]}
        assert nominal == quota


def test_each_namespace_has_a_queue_of_each_group(recording: Recording) -> None:
    queues = recording.of("LocalQueue")
    assert {(each.namespace, each.metadata["name"]) for each in queues} == {
        (namespace, group) for namespace in (SEARCH, "z-peak") for group in GROUPS
    }
    assert all(each.spec == {"clusterQueue": each.metadata["name"]} for each in queues)


def test_the_queues_come_after_the_chart_and_jobs_after_their_queues(
    recording: Recording,
) -> None:
    flavour = recording.one("ResourceFlavor", "default")
    assert chart(recording).urn in flavour.depends_on
    jobs = {each.namespace: each for each in recording.of("Job")}
    own = {each.urn for each in recording.of("LocalQueue") if each.namespace == SEARCH}
    assert own <= jobs[SEARCH].depends_on
    assert jobs[SEARCH].metadata["labels"]["kueue.x-k8s.io/queue-name"] == "cms"
    assert not any("kueue" in label for label in jobs["z-peak"].metadata["labels"])


def test_without_the_field_there_is_no_kueue() -> None:
    for scheduling in (None, {"kind": "none"}):
        without = site(scheduling=scheduling)
        assert "Scheduling" not in layer_needs(without)
        assert charts(without) == ()
        assert "kueue" not in images_of(without, load_contracts(ROOT))


def test_a_site_with_queues_gets_program_image_and_chart() -> None:
    with_queues, contracts = queued(), load_contracts(ROOT)
    assert charts(with_queues) == (KUEUE_CHART,)
    assert image_programs(with_queues, contracts)["kueue"] == (PROGRAM,)
    assert KUEUE in images_of(with_queues, contracts)


def test_kueue_runs_without_power_over_nodes() -> None:
    powers = LAYER_POWERS["Scheduling"]
    assert powers.pod_security == "restricted"
    assert not powers.cluster_secrets
