from __future__ import annotations

from typing import Any

from components.workloads import HouseRules
from patterns.reana.amendments import CHORE_REQUESTS, PART_REQUESTS, Amendments
from sslab.catalogue.placement import place
from sslab.catalogue.quantity import parse_quantity, total
from tests.components import charted
from tests.components.charted import CONTRACTS, chart, laboratory, needed, values
from tests.components.recording import site

AMENDED = Amendments(
    release="reana",
    house=HouseRules(limits_over_requests_percent=20),
    shared_class="shared",
    mirror="mirror.example.edu",
    passwords={name: f"value-of-{name}" for name in CONTRACTS["reana"].passwords},
)
CHORES = 2
STATED_BY_NOBODY = ("50m", "64Mi")  # the namespace's default, which a workflow's own pod gets twice


def deployment(name: str, *containers: dict[str, Any]) -> dict[str, Any]:
    pod = {"containers": list(containers)}
    return {"metadata": {"name": name}, "spec": {"replicas": 1, "template": {"spec": pod}}}


def containers(made: dict[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = made["spec"]["template"]["spec"]["containers"]
    return found


def test_the_chart_is_pinned_and_of_the_projects_repository() -> None:
    made = chart(laboratory("reana")).props
    assert (made["chart"], made["version"]) == ("reana", "0.95.0-alpha.5")
    assert made["repositoryOpts"] == {"repo": "https://reanahub.github.io/reana"}
    assert made["namespace"] == "reana"


def test_settings_and_the_sites_layers_are_in_the_values() -> None:
    told = values(laboratory("reana", {"workflows": 16, "shared_gb": 500, "job_cpu": "2"}))
    assert (told["reana_hostname"], told["reana_hostport"]) == ("reana.ssl.example.edu", 443)
    assert told["shared_storage"] == {
        "backend": "nfs",
        "volume_size": 500,
        "access_modes": "ReadWriteMany",
    }
    environment = told["components"]["reana_server"]["environment"]
    assert environment["REANA_MAX_CONCURRENT_BATCH_WORKFLOWS"] == "16"
    assert told["kubernetes_jobs_cpu_request"] == told["kubernetes_jobs_cpu_limit"] == "2"
    assert told["ingress"] == {"enabled": False, "ingress_class_name": "nginx"}
    for part in ("traefik", "kueue", "dask", "opensearch", "fluent-bit"):
        assert told[part] == {"enabled": False}


def test_no_password_is_among_the_values_and_the_charts_own_are_replaced() -> None:
    assert "value-of-" not in str(values(laboratory("reana")))
    given = {
        "metadata": {"name": "reana-db-secrets"},
        "data": {"password": "cmVhbmE=", "new": "eA"},
    }
    made = AMENDED("Secret", given)
    assert made["stringData"] == {"user": "reana", "password": "value-of-database"}
    assert made["data"] == {"new": "eA"}  # of a part that is not known here
    gitlab = {"metadata": {"name": "reana-cern-gitlab-secrets"}, "data": {}}
    for kind, other in (("Secret", gitlab), ("Chart", {"chart": "reana"})):
        assert AMENDED(kind, other) is other


def test_the_database_reads_its_password_out_of_the_secret() -> None:
    written = {"name": "POSTGRES_PASSWORD", "value": "reana"}
    zone = {"name": "TZ", "value": "Europe/Zurich"}
    made = AMENDED("Deployment", deployment("reana-db", {"name": "db", "env": [zone, written]}))
    (container,) = containers(made)
    assert container["env"][0] == zone
    of_secret = {each["name"]: each["valueFrom"]["secretKeyRef"] for each in container["env"][1:]}
    assert of_secret == {
        "POSTGRES_USER": {"name": "reana-db-secrets", "key": "user"},
        "POSTGRES_PASSWORD": {"name": "reana-db-secrets", "key": "password"},
    }
    assert container["resources"]["limits"] == {"cpu": "300m", "memory": "512Mi"}


def test_the_pods_that_reana_makes_come_from_the_mirror_too() -> None:
    image = "docker.io/reanahub/reana-workflow-engine-cwl:0.95.0-alpha.4"
    env: list[dict[str, Any]] = [
        {"name": "REANA_WORKFLOW_ENGINE_IMAGE_CWL", "value": image},
        {"name": "REANA_SECRET_KEY", "valueFrom": {"secretKeyRef": {"name": "a", "key": "b"}}},
    ]
    given = deployment("reana-workflow-controller", {"name": "rest-api", "env": env})
    (container,) = containers(AMENDED("Deployment", given))
    mirrored = "mirror.example.edu/reanahub/reana-workflow-engine-cwl:0.95.0-alpha.4"
    assert container["env"] == [{**env[0], "value": mirrored}, env[1]]


def test_the_volume_is_of_the_sites_class() -> None:
    name = "reana-shared-persistent-volume"
    spec = {
        "accessModes": ["ReadWriteMany"],
        "storageClassName": "reana-shared-volume-storage-class",
    }
    made = AMENDED("PersistentVolumeClaim", {"metadata": {"name": name}, "spec": spec})
    assert made["spec"] == {"accessModes": ["ReadWriteMany"], "storageClassName": "shared"}


def test_the_charts_chores_mount_no_folder_of_the_node() -> None:
    volumes = [{"name": "reana-shared-volume"}, {"name": "reana-code", "hostPath": {"path": "/x"}}]
    pod = {"volumes": volumes, "containers": [{"name": "reana-retention-rules-apply"}]}
    given = {
        "metadata": {"name": "reana-retention-rules-apply"},
        "spec": {"jobTemplate": {"spec": {"template": {"spec": pod}}}},
    }
    made = AMENDED("CronJob", given)["spec"]["jobTemplate"]["spec"]["template"]["spec"]
    assert made["volumes"] == [{"name": "reana-shared-volume"}]
    assert made["containers"][0]["resources"]["requests"] == {"cpu": "100m", "memory": "256Mi"}


def test_pages_and_api_are_at_one_name() -> None:
    made = laboratory("reana")
    (rule,) = made.one("Ingress", "reana", "reana").spec["rules"]
    assert rule["host"] == "reana.ssl.example.edu"
    services = {each["path"]: each["backend"]["service"]["name"] for each in rule["http"]["paths"]}
    assert services == {"/": "reana-ui", "/api": "reana-server", "/oauth": "reana-server"}


def test_behind_a_gateway_the_api_is_at_the_same_name() -> None:
    gateway = {"kind": "gateway", "gateway": "gateways/public", "domain": "ssl.example.edu"}
    made = laboratory("reana", ingress=gateway)
    rules = made.one("HTTPRoute", "reana", "reana").spec["rules"]
    found = {
        each["matches"][0]["path"]["value"] if "matches" in each else "/": each["backendRefs"]
        for each in rules
    }
    assert found["/api"] == [{"name": "reana-server", "port": 80}]
    assert found["/"] == [{"name": "reana-ui", "port": 80}]
    assert "ingress_class_name" not in values(made)["ingress"]


def test_the_contract_says_what_the_chart_and_its_workflows_request() -> None:
    told = values(laboratory("reana"))
    workflows = int(
        told["components"]["reana_server"]["environment"]["REANA_MAX_CONCURRENT_BATCH_WORKFLOWS"]
    )
    for place_in_pair, resource in enumerate(("cpu", "memory")):
        parts = [each for part in PART_REQUESTS.values() for each in part.values()]
        running = total(each[place_in_pair] for each in [*parts, *[CHORE_REQUESTS] * CHORES])
        job = parse_quantity(told[f"kubernetes_jobs_{resource}_request"])
        of_workflow = job + 2 * parse_quantity(STATED_BY_NOBODY[place_in_pair])
        together = running + workflows * of_workflow
        assert needed("reana", resource) == together, (resource, float(together))
    (volume,) = CONTRACTS["reana"].needs.storage
    assert volume.size == f"{told['shared_storage']['volume_size']}G"


def test_a_tenant_and_a_site_without_a_class_for_shared_volumes_are_refused() -> None:
    contract = CONTRACTS["reana"]
    sound = {**charted.LARGE, "cni": {"network_policy": True}}
    assert place(contract, site(**sound)).possible
    tenant = {"scope": "namespace", "namespaces": ["given"]}
    reasons = place(contract, site(**{**sound, "privilege": tenant})).reasons
    assert [each.field for each in reasons] == ["privilege.scope"] * 2
    assert "ClusterRole, ClusterRoleBinding, StorageClass" in reasons[0].why
    server = {"kind": "nfs", "server": "nfs.example.edu", "path": "/ssl"}
    by_server = {"capacity": "1000Ti", "rwx_server": server}
    (reason,) = place(contract, site(**{**sound, "storage": by_server})).reasons
    assert reason.field == "storage.rwx_class"
