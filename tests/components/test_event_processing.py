from __future__ import annotations

import re
from typing import Any

import pytest

from patterns.event_processing.settings import Settings
from patterns.event_processing.workload.event_processing import reference
from patterns.sources import sources
from sslab.catalogue.loading import load_contracts
from sslab.catalogue.quantity import parse_quantity
from tests.components.recording import ROOT, Recorded, Recording, record_laboratory, site

NAME, WORKERS = "event-processing", "event-processing-workers"
OWN_OF_THE_CLUSTER = {"ClusterRole", "ClusterRoleBinding", "CustomResourceDefinition"}


def laboratory(base: str = "local", **settings: Any) -> Recording:
    objects = {"kind": "seaweedfs", "capacity": "5Gi", "buckets": [NAME]}
    return record_laboratory(site(base, patterns={NAME: settings}, object_storage=objects))


@pytest.fixture(scope="module")
def default() -> Recording:
    return laboratory()


def environment(of: Recorded) -> dict[str, Any]:
    (container,) = of.pod["containers"]
    return {each["name"]: each.get("value") for each in container["env"]}


def test_there_is_no_worker_before_the_driver_asks_for_one(default: Recording) -> None:
    assert default.one("Deployment", WORKERS).spec["replicas"] == 0


def test_the_driver_comes_last(default: Recording) -> None:
    driver = default.one("Job", NAME)
    needed = [
        default.one("Deployment", WORKERS),
        default.one("Service", NAME, NAME),
        default.one("RoleBinding", NAME),
    ]
    assert {each.urn for each in needed} <= driver.depends_on


def test_workers_find_the_driver_by_the_services_name(default: Recording) -> None:
    service = default.one("Service", NAME, NAME)
    driver, workers = default.one("Job", NAME), default.one("Deployment", WORKERS)
    assert service.spec["clusterIP"] == "None"
    assert service.spec["selector"] == driver.template["metadata"]["labels"]
    assert service.spec["selector"] != workers.template["metadata"]["labels"]
    (port,) = service.spec["ports"]
    assert environment(workers)["SCHEDULER"] == f"tcp://{NAME}:{port['port']}"
    assert environment(workers)["ROLE"] == "worker"
    assert environment(driver)["ROLE"] == "driver"
    assert environment(driver)["WORKERS"] == workers.metadata["name"]


def test_the_driver_may_scale_its_workers_and_nothing_else(default: Recording) -> None:
    (rule,) = default.one("Role", NAME).props["rules"]
    assert rule == {
        "apiGroups": ["apps"],
        "resources": ["deployments/scale"],
        "resourceNames": [WORKERS],
        "verbs": ["get", "patch"],
    }
    binding = default.one("RoleBinding", NAME).props
    assert binding["roleRef"]["name"] == NAME
    (subject,) = binding["subjects"]
    assert (subject["kind"], subject["name"], subject["namespace"]) == (
        "ServiceAccount",
        NAME,
        NAME,
    )
    driver, workers = default.one("Job", NAME), default.one("Deployment", WORKERS)
    assert driver.pod["serviceAccountName"] == NAME
    assert driver.pod["automountServiceAccountToken"] is True
    assert workers.pod["automountServiceAccountToken"] is False


def test_an_account_of_the_sites_takes_the_place_of_the_role(default: Recording) -> None:
    found = laboratory(service_account="scaler")
    assert found.one("Job", NAME).pod["serviceAccountName"] == "scaler"
    names = {each.metadata.get("name") for each in found.of("Role") + found.of("RoleBinding")}
    assert NAME not in names
    assert NAME not in {each.metadata["name"] for each in found.of("ServiceAccount")}


def test_nothing_of_the_cluster_as_a_whole_is_made_for_it(default: Recording) -> None:
    mine = [each for each in default.objects() if each.namespace == NAME]
    assert len(mine) >= 8
    others = [each for each in default.objects() if each.kind in OWN_OF_THE_CLUSTER]
    assert [each for each in others if NAME in each.name] == []


def test_a_tenants_laboratory_carries_it() -> None:
    found = laboratory("sdsc")
    assert found.one("Deployment", WORKERS).namespace == "ssl"
    kinds = {each.kind for each in found.objects()}
    assert kinds & OWN_OF_THE_CLUSTER == set()


def test_the_contract_asks_for_the_driver_and_the_workers(default: Recording) -> None:
    needs = load_contracts(ROOT)[NAME].needs
    (container,) = default.one("Job", NAME).pod["containers"]
    requests = container["resources"]["requests"]
    pods = 1 + Settings().most_workers
    for unit, asked in (("cpu", needs.cpu), ("memory", needs.memory)):
        assert parse_quantity(asked) == pods * parse_quantity(requests[unit])


def test_the_settings_reach_the_driver() -> None:
    found = environment(laboratory(files=30, most_workers=8).one("Job", NAME))
    assert {name: found[name] for name in ("SEED", "FILES", "EVENTS_PER_FILE")} == {
        "SEED": "20190901",
        "FILES": "30",
        "EVENTS_PER_FILE": "50000",
    }
    assert (found["MOST_WORKERS"], found["FILES_PER_WORKER"]) == ("8", "4")


@pytest.mark.parametrize("changes", [{"files": 20}, {"most_workers": 4}, {"memory": "1Gi"}])
def test_other_settings_are_another_job(default: Recording, changes: dict[str, Any]) -> None:
    name = laboratory(**changes).one("Job", NAME).metadata["name"]
    assert name != default.one("Job", NAME).metadata["name"]
    assert re.fullmatch(f"{NAME}-[0-9a-f]{{8}}", name)


def test_a_failed_run_is_made_anew_and_says_why(default: Recording) -> None:
    driver = default.one("Job", NAME)
    assert driver.metadata["annotations"] == {"pulumi.com/replaceUnready": "true"}
    assert driver.pod["containers"][0]["terminationMessagePolicy"] == "FallbackToLogsOnError"
    assert driver.pod["terminationGracePeriodSeconds"] == 30
    assert 0 < driver.spec["activeDeadlineSeconds"] <= 900


def test_the_code_is_mounted_and_small(default: Recording) -> None:
    code = default.one("ConfigMap", f"{NAME}-code").props["data"]
    assert code == sources("event_processing")
    assert sum(map(len, code.values())) < 900_000


def test_the_defaults_of_settings_and_reference_agree() -> None:
    settings = Settings()
    assert settings.seed == reference.DEFAULT_SEED
    assert settings.files == reference.DEFAULT_FILES
    assert settings.events_per_file == reference.DEFAULT_EVENTS_PER_FILE
