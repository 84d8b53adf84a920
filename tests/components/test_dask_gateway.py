from __future__ import annotations

from patterns.dask_gateway.component import with_password
from sslab.catalogue.placement import place
from sslab.catalogue.quantity import parse_quantity
from tests.components import charted
from tests.components.charted import CONTRACTS, chart, laboratory, needed, requested, values
from tests.components.recording import site

DEPLOYMENT = {
    "metadata": {"name": "api-dask-gateway"},
    "spec": {
        "replicas": 1,
        "template": {"spec": {"containers": [{"name": "gateway", "env": [{"name": "A"}]}]}},
    },
}


def test_the_chart_is_pinned_and_of_the_projects_repository() -> None:
    made = chart(laboratory("dask-gateway")).props
    assert (made["chart"], made["version"]) == ("dask-gateway", "2026.3.0")
    assert made["repositoryOpts"] == {"repo": "https://helm.dask.org"}


def test_the_password_is_in_a_secret_and_in_no_value() -> None:
    made = laboratory("dask-gateway")
    assert "value-of-" not in str(values(made))
    secret = made.one("Secret", "dask-gateway-users", "dask-gateway")
    assert secret.props["stringData"] == {"password": "value-of-dask-gateway-users-password"}
    assert not secret.plain("stringData.password")


def test_the_api_gets_the_password_and_nothing_else_is_changed() -> None:
    changed = with_password("Deployment", DEPLOYMENT, "api-dask-gateway", "users")
    (container,) = changed["spec"]["template"]["spec"]["containers"]
    assert [each["name"] for each in container["env"]] == ["A", "SSL_PASSWORD"]
    assert container["env"][1]["valueFrom"]["secretKeyRef"] == {"name": "users", "key": "password"}
    assert changed["spec"]["replicas"] == 1
    for kind, name in (("Deployment", "traefik-dask-gateway"), ("Service", "api-dask-gateway")):
        other = {**DEPLOYMENT, "metadata": {"name": name}}
        assert with_password(kind, other, "api-dask-gateway", "users") is other
    config = values(laboratory("dask-gateway"))["gateway"]["extraConfig"]["password"]
    assert 'os.environ["SSL_PASSWORD"]' in config


def test_settings_and_the_rules_of_the_house_reach_the_workers() -> None:
    settings = {
        "workers": 16, "worker_cpu": "2", "worker_memory": "4Gi", "worker_threads": 2,
        "idle_s": 600, "image": "registry.example.edu:5000/ssl/analysis:2026.1",
    }  # fmt: skip
    told = values(
        laboratory(
            "dask-gateway",
            settings,
            rules={"limits_over_requests_percent": 20},
            registry={"pull_secret": "pull"},
        )
    )["gateway"]
    assert told["backend"]["worker"] == {
        "cores": {"request": 2, "limit": 2.4},
        "memory": {"request": 4 * 1024**3, "limit": 4 * 1024**3},
        "extraPodConfig": {"imagePullSecrets": [{"name": "pull"}]},
        "threads": 2,
    }
    image = {"name": "registry.example.edu:5000/ssl/analysis", "tag": "2026.1"}
    assert told["backend"]["image"] == image
    assert told["extraConfig"]["limits"].splitlines() == [
        "c.ClusterConfig.cluster_max_workers = 16",
        "c.ClusterConfig.idle_timeout = 600",
    ]
    assert told["resources"]["limits"]["cpu"] == "120m"


def test_it_is_reached_through_the_sites_ingress_and_takes_no_address() -> None:
    made = laboratory("dask-gateway")
    assert values(made)["traefik"]["service"] == {"type": "ClusterIP"}
    route = made.one("Ingress", "dask-gateway", "dask-gateway")
    (rule,) = route.spec["rules"]
    assert rule["host"] == "dask-gateway.ssl.example.edu"
    service = rule["http"]["paths"][0]["backend"]["service"]
    assert service == {"name": "traefik-dask-gateway", "port": {"number": 80}}


def test_the_contract_says_what_the_chart_and_one_cluster_request() -> None:
    told = values(laboratory("dask-gateway"))
    backend = told["gateway"]["backend"]
    for resource, unit in (("cpu", "cores"), ("memory", "memory")):
        cluster = backend["scheduler"][unit]["request"] + 4 * backend["worker"][unit]["request"]
        together = requested(told, resource) + parse_quantity(str(cluster))
        assert needed("dask-gateway", resource) == together, (resource, float(together))


def test_a_tenant_is_refused_with_the_reasons() -> None:
    tenant = {"scope": "namespace", "namespaces": ["given"]}
    contract = CONTRACTS["dask-gateway"]
    reasons = place(contract, site(**{**charted.LARGE, "privilege": tenant})).reasons
    assert [each.field for each in reasons if "scope" in each.field] == ["privilege.scope"] * 2
    assert "ClusterRole, ClusterRoleBinding, CustomResourceDefinition" in reasons[0].why
    assert "Secrets of every namespace" in reasons[1].why
    assert place(contract, site(**charted.LARGE)).possible
