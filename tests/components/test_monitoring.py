"""Monitoring on mocks: a Prometheus of its own, what the site's is told, and nothing."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from components.monitoring import console, grafana
from components.monitoring.alerts import alerts
from components.monitoring.panels import panels
from components.monitoring.watched import Watched
from sslab.catalogue.layers import LAYER_NEEDS
from sslab.catalogue.loading import load_contracts
from sslab.catalogue.monitoring import watched
from sslab.catalogue.quantity import parse_quantity
from sslab.errors import SslabError
from tests.components.recording import ROOT, Recorded, Recording, record_laboratory, site
from tests.components.test_object_storage import GCS
from tests.components.test_routes import CLASS, GATEWAY, TRAEFIK
from tests.e2e.alert_cases import CASES

OWN, REUSE = {"mode": "own"}, {"mode": "reuse", "labels": {"release": "prometheus"}}
TENANT = {"scope": "namespace", "namespaces": ["given"]}
ISSUER = {"issuer": "https://login.example.edu", "client": "ssl"}
JOBS = ("traefik", "object-storage", "object-storage-gateway", "fitting-service")
EVERYTHING = Watched(laboratory="local", jobs=("prometheus", *JOBS), object_storage_b=5 * 1024**3)
SERVICES = {
    "traefik-metrics": ("ssl-ingress", 8080),
    "object-storage-metrics": ("ssl-object-storage", 9326),
    "object-storage-gateway-metrics": ("ssl-object-storage", 9327),
    "fitting-service-metrics": ("fitting-service", 8080),
}


def laboratory(monitoring: dict[str, Any], **changes: Any) -> Recording:
    return record_laboratory(site(monitoring=monitoring, **changes))


@pytest.fixture(scope="module")
def own() -> Recording:
    return laboratory(OWN)


@pytest.fixture(scope="module")
def told() -> Recording:
    return laboratory(REUSE)


def file(of: Recording, name: str) -> str:
    text: str = of.one("ConfigMap", "prometheus").props["data"][name]
    return text


def scraped(of: Recording) -> dict[str, dict[str, Any]]:
    configured = json.loads(file(of, "prometheus.yml"))["scrape_configs"]
    return {each["job_name"]: each for each in configured}


def prometheus(of: Recording) -> Recorded:
    return of.one("StatefulSet", "prometheus")


def trace(of: Recording) -> list[str]:
    return [each.urn for each in of if "onitoring" in each.urn or "metrics" in each.name]


def test_a_site_that_wants_no_monitoring_has_no_trace_of_it(local: Recording) -> None:
    assert site().monitoring.mode == "off"
    assert trace(local) == []
    assert trace(laboratory({"mode": "off", "labels": {"release": "x"}})) == []


@pytest.mark.parametrize("mode", [OWN, REUSE])
def test_each_job_has_a_service_whose_dns_names_all_its_pods(mode: dict[str, Any]) -> None:
    made = laboratory(mode)
    found = [each for each in made.of("Service") if each.name.endswith("-metrics")]
    assert {
        each.name: (each.namespace, each.spec["ports"][0]["targetPort"]) for each in found
    } == SERVICES
    for each in found:
        assert each.spec["clusterIP"] == "None"
        assert each.spec["publishNotReadyAddresses"] is True
        (pod,) = [
            pod
            for pod in made.pods()
            if pod.namespace == each.namespace
            and each.spec["selector"].items() <= pod.template["metadata"]["labels"].items()
        ]
        listening = [
            port["containerPort"]
            for container in pod.pod["containers"]
            for port in container["ports"]
        ]
        assert each.spec["ports"][0]["targetPort"] in listening


def test_what_is_scraped_is_what_the_check_counts(own: Recording) -> None:
    assert tuple(scraped(own)) == watched(site(monitoring=OWN), load_contracts(ROOT))
    assert tuple(scraped(own)) == ("prometheus", *JOBS)


def test_prometheus_finds_pods_by_dns_and_has_no_permission(own: Recording) -> None:
    (found,) = scraped(own)["object-storage"]["dns_sd_configs"]
    assert found["names"] == ["object-storage-metrics.ssl-object-storage.svc.cluster.local."]
    assert (found["type"], found["port"]) == ("A", 9326)
    assert prometheus(own).pod["automountServiceAccountToken"] is False
    accounts = {each.metadata["name"] for each in own.of("ServiceAccount")}
    assert accounts == {"traefik"}


def test_the_dns_domain_is_the_clusters() -> None:
    made = laboratory(OWN, cni={"cluster_domain": "cluster.example"})
    (found,) = scraped(made)["traefik"]["dns_sd_configs"]
    assert found["names"] == ["traefik-metrics.ssl-ingress.svc.cluster.example."]


def test_prometheus_is_an_ordinary_pod_in_a_restricted_namespace(own: Recording) -> None:
    level = "pod-security.kubernetes.io/enforce"
    assert own.one("Namespace", "ssl-monitoring").metadata["labels"][level] == "restricted"
    pod = prometheus(own).pod
    assert pod["securityContext"]["runAsUser"] == 65532
    container = prometheus(own).container("prometheus")
    assert container["securityContext"]["readOnlyRootFilesystem"] is True
    assert container["securityContext"]["capabilities"] == {"drop": ["ALL"]}
    assert container["resources"]["limits"] == {"cpu": "1", "memory": "512Mi"}


def test_what_it_keeps_is_bounded_by_time_and_by_less_than_its_volume(own: Recording) -> None:
    args = prometheus(own).container("prometheus")["args"]
    flags = dict(each.removeprefix("--").split("=", 1) for each in args)
    assert flags["storage.tsdb.retention.time"] == "30d"
    size = flags["storage.tsdb.retention.size"]
    assert size == "6GB"  # which Prometheus takes for a power of two
    claim = own.one("PersistentVolumeClaim", "prometheus")
    asked = parse_quantity(claim.spec["resources"]["requests"]["storage"])
    assert parse_quantity("6Gi") == asked * 3 / 4
    hard = own.one("ResourceQuota", "ssl-monitoring-quota").spec["hard"]
    assert hard["requests.storage"] == claim.spec["resources"]["requests"]["storage"]
    assert flags["storage.tsdb.path"] == "/data"
    assert "web.enable-admin-api" not in flags
    assert "web.enable-lifecycle" not in flags


def test_another_configuration_makes_a_new_pod(own: Recording) -> None:
    other = laboratory(OWN, patterns={"z-peak": {}})
    assert (
        prometheus(own).template["metadata"]["annotations"]
        != prometheus(other).template["metadata"]["annotations"]
    )


def test_the_claim_is_of_the_sites_class() -> None:
    made = laboratory(OWN, storage={"capacity": "20Gi", "rwo_class": "fast"})
    assert made.one("PersistentVolumeClaim", "prometheus").spec["storageClassName"] == "fast"


def test_only_what_the_site_runs_is_watched() -> None:
    made = laboratory(OWN, ingress=CLASS, object_storage=GCS, patterns={"z-peak": {}})
    assert tuple(scraped(made)) == ("prometheus",)
    names = {each["alert"] for each in json.loads(file(made, "rules.yml"))["groups"][0]["rules"]}
    assert names == {
        *("SslTargetDown", "SslProcessRestarts"),
        *("SslMonitoringStorageNearFull", "SslMonitoringWritesFail"),
    }
    assert "traefik" not in file(made, "index.html")


@pytest.mark.parametrize("ingress", [TRAEFIK, CLASS, GATEWAY])
def test_without_a_login_nothing_leads_to_prometheus_from_outside(
    ingress: dict[str, Any],
) -> None:
    made = laboratory(OWN, ingress=ingress)
    routes = [*made.of("Ingress"), *made.of("HTTPRoute")]
    assert "prometheus" not in {each.name for each in routes}
    assert not [each for each in made if "login" in each.name]
    unregistered = laboratory(OWN, ingress=ingress, identity={**ISSUER, "client": None})
    assert "prometheus" not in {each.name for each in unregistered.of("Ingress")}
    assert made.one("Service", "prometheus").spec.get("type") is None


def test_with_a_login_the_route_leads_through_it() -> None:
    made = laboratory(OWN, identity=ISSUER)
    route = made.one("Ingress", "prometheus")
    assert route.namespace == "ssl-monitoring"
    (rule,) = route.spec["rules"]
    assert rule["host"] == "prometheus.ssl.localhost"
    (path,) = rule["http"]["paths"]
    assert path["backend"]["service"]["name"] == "prometheus-login"
    settings = json.loads(made.one("ConfigMap", "prometheus-login").props["data"]["settings.yaml"])
    (upstream,) = settings["upstreamConfig"]["upstreams"]
    assert upstream["uri"] == "http://prometheus:9090"
    args = prometheus(made).container("prometheus")["args"]
    assert "--web.external-url=http://prometheus.ssl.localhost:8080" in args


def test_traefik_may_route_to_prometheus_only_where_a_login_is_in_front(own: Recording) -> None:
    def seen(of: Recording) -> str:
        (found,) = [
            each
            for each in of.one("Deployment", "traefik").container("traefik")["args"]
            if "kubernetesingress.namespaces" in each
        ]
        return str(found)

    assert "ssl-monitoring" not in seen(own)
    assert "ssl-monitoring" in seen(laboratory(OWN, identity=ISSUER))


@pytest.mark.parametrize("identity", [None, ISSUER])
def test_the_layers_pods_fit_into_the_share_of_its_namespace(identity: Any) -> None:
    made = laboratory(OWN, identity=identity)
    hard = made.one("ResourceQuota", "ssl-monitoring-quota").spec["hard"]
    for unit in ("cpu", "memory"):
        asked = [
            parse_quantity(container["resources"]["requests"][unit])
            * (2 if each.kind == "Deployment" else 1)  # the new proxy comes before the old one goes
            for each in made.pods()
            if each.namespace == "ssl-monitoring"
            for container in each.pod["containers"]
        ]
        assert sum(asked) == parse_quantity(hard[f"requests.{unit}"])


def test_a_quota_has_to_do_for_prometheus_too() -> None:
    exact = {"cpu": "700m", "memory": "3Gi", "pods": 50}
    record_laboratory(site(quota=exact))
    with pytest.raises(SslabError, match=r"quota\.cpu: 700m is less than the 800m"):
        laboratory(OWN, quota=exact)


@pytest.mark.parametrize("mode", [OWN, REUSE])
def test_a_tenant_has_all_of_it_in_its_namespace(mode: dict[str, Any]) -> None:
    made = laboratory(mode, privilege=TENANT, ingress=CLASS)
    assert {each.namespace for each in made.objects()} == {"given"}
    if mode is OWN:
        (found,) = scraped(made)["fitting-service"]["dns_sd_configs"]
        assert found["names"] == ["fitting-service-metrics.given.svc.cluster.local."]


def test_the_sites_prometheus_is_told_of_each_service(told: Recording) -> None:
    monitors = told.of("ServiceMonitor")
    assert {each.metadata["name"] for each in monitors} == set(JOBS)
    for each in monitors:
        assert each.props["apiVersion"] == "monitoring.coreos.com/v1"
        assert each.metadata["labels"] == {"release": "prometheus"}
        service = told.one("Service", f"{each.metadata['name']}-metrics")
        assert each.namespace == service.namespace
        wanted = each.spec["selector"]["matchLabels"]
        assert wanted.items() <= service.metadata["labels"].items()
        (endpoint,) = each.spec["endpoints"]
        assert endpoint["port"] == service.spec["ports"][0]["name"]
        written = {
            change["targetLabel"]: change["replacement"]
            for change in endpoint["relabelings"]
            if change["action"] == "replace"
        }
        assert written == {"job": each.metadata["name"], "laboratory": "local"}
    assert told.of("StatefulSet")[0].name == "object-storage"
    assert not [each for each in told.objects() if each.name == "prometheus"]


def test_the_sites_prometheus_gets_the_same_alerts(own: Recording, told: Recording) -> None:
    rule = told.one("PrometheusRule", "ssl", "ssl-monitoring")
    assert rule.metadata["labels"] == {"release": "prometheus"}
    (theirs,) = rule.spec["groups"]
    (ours,) = json.loads(file(own, "rules.yml"))["groups"]
    about_all = {"SslTargetDown"}  # names each job, and Prometheus is none of theirs
    expressions = {each["alert"]: each for each in ours["rules"]}
    assert {each["alert"] for each in theirs["rules"]} == {
        name for name in expressions if not name.startswith("SslMonitoring")
    }
    for each in theirs["rules"]:
        if each["alert"] not in about_all:
            assert each == expressions[each["alert"]]


def test_the_namespace_of_what_is_told_has_no_quota(told: Recording) -> None:
    assert told.one("Namespace", "ssl-monitoring")
    assert "ssl-monitoring" not in {each.namespace for each in told.of("ResourceQuota")}


def test_grafana_finds_the_dashboard_by_its_label(told: Recording) -> None:
    found = told.one("ConfigMap", "ssl-dashboard")
    assert found.metadata["labels"] == {"release": "prometheus", "grafana_dashboard": "1"}
    document = json.loads(found.props["data"]["ssl-local.json"])
    assert document["title"] == "SSL laboratory local"


def test_both_dashboards_show_the_same_panels() -> None:
    shown = panels(EVERYTHING)
    document = json.loads(grafana.dashboard(EVERYTHING))
    assert [(each["title"], each["targets"][0]["expr"]) for each in document["panels"]] == [
        (each.title, each.expr) for each in shown
    ]
    places = [(each["gridPos"]["x"], each["gridPos"]["y"]) for each in document["panels"]]
    assert len(set(places)) == len(shown)
    page = console.page(EVERYTHING)
    assert re.findall(r"expr: {{ `(.*)` }},", page) == [each.expr for each in shown]
    for each in shown:
        assert "`" not in each.expr
        assert f"range query `{each.expr}`" in page
        assert each.title in page


def test_everything_that_is_asked_is_about_this_laboratory_alone() -> None:
    expressions = [each.expr for each in alerts(EVERYTHING)]
    expressions += [each.expr for each in panels(EVERYTHING)]
    for expr in expressions:
        selectors = re.findall(r"[\w:]+\{([^}]*)\}", expr)
        assert selectors
        assert all('laboratory="local"' in each for each in selectors), expr


def test_each_alert_has_a_section_that_says_what_to_do() -> None:
    text = (ROOT / "docs/monitoring.md").read_text(encoding="utf-8")
    sections = dict(re.findall(r"^### (Ssl\w+)\n\n(.+?)(?=^#|\Z)", text, re.MULTILINE | re.DOTALL))
    assert list(sections) == [each.name for each in alerts(EVERYTHING)]
    for each in alerts(EVERYTHING):
        assert each.runbook == f"docs/monitoring.md#{each.name.lower()}"
        assert f"`{each.severity}`" in sections[each.name]
        assert "To do:" in sections[each.name]


def test_the_pages_numbers_are_the_layers() -> None:
    text = (ROOT / "docs/monitoring.md").read_text(encoding="utf-8")
    (volume,) = LAYER_NEEDS["Monitoring"].storage
    assert f"{volume.size} volume" in text


def test_without_jobs_there_is_no_alert() -> None:
    assert alerts(Watched(laboratory="local", jobs=(), object_storage_b=None)) == ()
    bare = laboratory(REUSE, ingress=CLASS, object_storage=GCS, patterns={"z-peak": {}})
    assert bare.of("PrometheusRule") == bare.of("ServiceMonitor") == []


def test_each_alert_has_cases_in_which_it_fires_and_in_which_it_does_not() -> None:
    # promtool runs them in tests/e2e/test_monitoring.py
    for fires in (True, False):
        tried = {case.alert for case in CASES if (case.labels is not None) is fires}
        assert tried == {each.name for each in alerts(EVERYTHING)}
