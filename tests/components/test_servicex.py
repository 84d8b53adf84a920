from __future__ import annotations

from typing import Any

from sslab.catalogue.placement import place
from sslab.catalogue.quantity import parse_quantity
from tests.components import charted
from tests.components.charted import CONTRACTS, chart, laboratory, needed, requested, values
from tests.components.recording import site


def test_the_chart_is_pinned_and_of_the_projects_repository() -> None:
    made = chart(laboratory("servicex")).props
    assert (made["chart"], made["version"]) == ("servicex", "1.8.5")
    assert made["repositoryOpts"] == {"repo": "https://ssl-hep.github.io/ssl-helm-charts"}
    assert made["namespace"] == "servicex"


def test_every_volume_is_of_the_sites_class_and_as_large_as_the_contract_says() -> None:
    told = values(laboratory("servicex"))
    parts = (told["minio"], told["rabbitmq"], told["postgresql"]["primary"])
    assert {part["persistence"]["storageClass"] for part in parts} == {"block"}
    sizes = sorted(part["persistence"]["size"] for part in parts)
    assert sizes == sorted(each.size for each in CONTRACTS["servicex"].needs.storage)


def test_without_a_class_the_cluster_chooses() -> None:
    told = values(laboratory("servicex", storage={"capacity": "1000Ti"}))
    assert told["minio"]["persistence"] == {"enabled": True, "size": "100Gi"}


def test_no_password_is_among_the_values_and_each_is_in_the_secret() -> None:
    made = laboratory("servicex")
    told = values(made)
    assert "value-of-" not in str(told)
    assert told["secrets"] == "servicex-secrets"
    assert told["minio"]["auth"] == {"existingSecret": "servicex-secrets"}
    assert told["rabbitmq"]["auth"] == {
        "existingPasswordSecret": "servicex-secrets",
        "existingErlangSecret": "servicex-secrets",
    }
    database = told["postgresql"]["global"]["postgresql"]["auth"]
    assert database["existingSecret"] == "servicex-secrets"
    secret = made.one("Secret", "servicex-secrets", "servicex")
    data = secret.props["stringData"]
    assert data[database["secretKeys"]["adminPasswordKey"]] == "value-of-servicex-database-password"
    assert data["root-password"] == data["secretkey"] == "value-of-servicex-objects-password"
    assert data["rabbitmq-password"] == "value-of-servicex-broker-password"
    assert not secret.plain("stringData.root-password")


def test_only_what_the_site_asks_for_runs() -> None:
    told = values(laboratory("servicex", {"code_generators": ["topcp"], "did_finders": ["xrootd"]}))
    assert {name for name, each in told["codeGen"].items() if each["enabled"]} == {"topcp"}
    assert {name for name, each in told["didFinder"].items() if each["enabled"]} == {"xrootd"}
    assert told["logging"]["logstash"] == {"enabled": False}
    assert told["noCerts"] is True


def test_results_are_reached_at_the_sites_own_name() -> None:
    made = laboratory("servicex")
    assert values(made)["objectStore"] == {
        "enabled": True,
        "internal": True,
        "publicURL": "servicex-results.ssl.example.edu",
        "publicClientUseTLS": True,
    }
    hosts = {rule["host"]: rule["http"]["paths"][0]["backend"]["service"]
             for each in made.of("Ingress") for rule in each.spec["rules"]}  # fmt: skip
    assert hosts["servicex-results.ssl.example.edu"]["name"] == "servicex-minio"
    assert hosts["servicex.ssl.example.edu"]["name"] == "servicex-login"  # not the open API


def test_the_rules_of_the_house_bound_every_container() -> None:
    told = values(laboratory("servicex", rules={"limits_over_requests_percent": 20}))
    limits = told["app"]["resources"]["limits"]
    assert parse_quantity(limits["cpu"]) == parse_quantity("120m")
    assert told["transformer"]["cpuLimit"] == "600m"


def test_the_contract_says_what_the_chart_and_its_transformers_request() -> None:
    told: dict[str, Any] = values(laboratory("servicex"))
    readers = told["transformer"]["autoscaler"]["maxReplicas"]
    for resource, field, jobs in (
        ("cpu", "cpuRequest", "100m"),
        ("memory", "memoryRequest", "128Mi"),
    ):
        together = requested(told, resource) + parse_quantity(jobs)  # two jobs of the chart's own
        together += readers * parse_quantity(told["transformer"][field])
        assert needed("servicex", resource) == together, (resource, float(together))


def test_a_tenant_may_run_it_where_the_site_has_the_rest() -> None:
    contract = CONTRACTS["servicex"]
    tenant = {"scope": "namespace", "namespaces": ["given"], "pod_security": "baseline"}
    assert place(contract, site(**{**charted.LARGE, "privilege": tenant})).possible
    (why,) = place(contract, site(**{**charted.LARGE, "identity": None})).reasons
    assert why.field == "identity"
