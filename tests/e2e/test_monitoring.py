"""Monitoring in the laboratory of all end-to-end tests: a Prometheus of its own, then the site's.

The site's is an API server that knows the operator's kinds: neither the operator nor Grafana runs.
"""

from __future__ import annotations

import json
import re
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from tests.e2e import alert_cases, operator_kinds
from tests.e2e.conftest import ROOT, Lab

pytestmark = pytest.mark.e2e

PAGE = ROOT / "docs/monitoring.md"
WATCHED = ("object-storage", "object-storage-gateway", "traefik", "fitting-service")
AT_PORT = 18310
PROXY = "/api/v1/namespaces/ssl-monitoring/services/http:prometheus:http/proxy"
ON_THE_WAY = '{laboratory="local",alertname="SslTargetDown",job="fitting-service"}'


def site_file(lab: Lab) -> Path:
    return lab.clone / "sites/local.yaml"


@pytest.fixture(scope="module")
def own(lab: Lab) -> Iterator[Lab]:
    """The laboratory with a Prometheus of its own; at the end it is as it was."""
    file = site_file(lab)
    before = file.read_text()
    file.write_text(f"{before}monitoring: {{mode: own}}\n")
    try:
        up = lab.sslab("up", "local", "--yes", timeout_s=900)
        lab.outputs["monitored"] = up.stdout + up.stderr
        assert up.returncode == 0, lab.outputs["monitored"]
        yield lab
    finally:
        file.write_text(before)
        back = lab.pulumi_up()
        assert back.returncode == 0, back.stdout + back.stderr


@pytest.fixture(scope="module")
def reused(own: Lab) -> Iterator[Lab]:
    """The same laboratory with what the site's Prometheus is told."""
    definitions = {"apiVersion": "v1", "kind": "List", "items": operator_kinds.DEFINITIONS}
    own.kubectl("apply", "-f", "-", stdin=json.dumps(definitions))
    own.kubectl("wait", "--for=condition=Established", "crd", "--all", "--timeout=60s")
    _reuse(own)
    done = own.pulumi_up()
    assert done.returncode == 0, done.stdout + done.stderr
    yield own
    # before the kinds go, what is of them
    file = site_file(own)
    file.write_text(file.read_text().partition("monitoring:")[0])
    back = own.pulumi_up()
    assert back.returncode == 0, back.stdout + back.stderr
    own.kubectl("delete", "-f", "-", stdin=json.dumps(definitions))


def _reuse(lab: Lab) -> None:
    text = site_file(lab).read_text().partition("monitoring:")[0]
    site_file(lab).write_text(
        f"{text}monitoring: {{mode: reuse, labels: {{release: prometheus}}}}\n"
    )


@pytest.fixture(scope="module")
def page(own: Lab) -> Iterator[httpx.Client]:
    """Prometheus as its page says that it is reached, at another port of this machine."""
    (command,) = re.findall(r"^ *\$ (kubectl port-forward .*)$", PAGE.read_text(), re.MULTILINE)
    words = f"{command.removesuffix(' 9090')} {AT_PORT}:9090"
    forward = subprocess.Popen(
        ["bash", "-c", f'eval "$(.venv/bin/sslab env)" && exec {words}'],
        cwd=own.clone,
        env=own.environment,
        stdout=subprocess.DEVNULL,
    )
    try:
        with httpx.Client(
            base_url=f"http://127.0.0.1:{AT_PORT}",
            transport=httpx.HTTPTransport(retries=8),
            timeout=20,
        ) as client:
            yield client
    finally:
        forward.terminate()
        forward.wait(timeout=20)


def query(lab: Lab, expression: str) -> list[dict[str, Any]]:
    asked = f"{PROXY}/api/v1/query?query={quote(expression)}"
    found: list[dict[str, Any]] = json.loads(lab.kubectl("get", "--raw", asked))["data"]["result"]
    return found


def wait(condition: Callable[[], bool], what: str, within_s: float = 90) -> None:
    deadline = time.monotonic() + within_s
    while not condition():
        assert time.monotonic() < deadline, what
        time.sleep(1)


def test_up_ends_with_all_targets_up_and_says_how_to_look(own: Lab) -> None:
    shown = own.outputs["monitored"]
    assert re.search(r"^ok +monitoring +targets up +5 +5 ", shown, re.MULTILINE), shown
    assert "kubectl port-forward -n ssl-monitoring service/prometheus 9090" in shown
    found = {each["metric"]["job"]: each["value"][1] for each in query(own, "up")}
    assert found == dict.fromkeys(("prometheus", *WATCHED), "1")


def test_the_check_says_so_to_programs(own: Lab) -> None:
    done = own.sslab("check", "local", "--format", "json")
    (check,) = [
        each for each in json.loads(done.stdout)["checks"] if each["pattern"] == "monitoring"
    ]
    assert (check["value"], check["expected"], check["passed"]) == (5, 5, True)
    assert "sha256:" in check["image"]


def test_another_up_changes_nothing(own: Lab) -> None:
    done = own.pulumi_up("--refresh", "--expect-no-changes")
    assert done.returncode == 0, done.stdout + done.stderr


def test_prometheus_is_nobody_and_writes_to_its_volume_alone(own: Lab) -> None:
    inside = ("exec", "-n", "ssl-monitoring", "prometheus-0", "--", "sh", "-c")
    assert own.kubectl(*inside, "id -u").strip() == "65532"
    assert own.kubectl(*inside, "touch /var/x 2>/dev/null || echo refused").strip() == "refused"
    assert "wal" in own.kubectl(*inside, "ls /data").split()
    assert own.kubectl(*inside, "ls /var/run/secrets 2>/dev/null || echo none").strip() == "none"


def test_nothing_leads_to_prometheus_from_outside(own: Lab) -> None:
    assert own.request("prometheus", "GET", "/").status_code == 404


def test_promtool_takes_the_rules_and_each_alert_fires_when_it_should(own: Lab) -> None:
    cases = alert_cases.document("/etc/prometheus/rules.yml")
    own.kubectl(
        *("exec", "-i", "-n", "ssl-monitoring", "prometheus-0", "--", "sh", "-c"),
        "promtool check config /etc/prometheus/prometheus.yml >&2 && cat > /tmp/cases.yml "
        "&& promtool test rules /tmp/cases.yml >&2",
        stdin=cases,
    )


def test_the_page_has_numbers_and_everything_that_draws_its_graphs(page: httpx.Client) -> None:
    answer = page.get("/consoles/index.html")
    assert answer.status_code == 200, answer.text
    rows = re.findall(r"<tr><td>([\w-]+)</td><td>(\d[^<]*)</td></tr>", answer.text)
    sizes = {job for job, value in rows if re.fullmatch(r"\d+(\.\d+)?MiB", value)}
    assert sizes >= {"prometheus", *WATCHED}
    assert ("traefik", "1") in rows
    for path in re.findall(r'(?:src|href)="(/classic/[^"]*)"', answer.text):
        assert page.get(path.replace("&amp;", "&")).status_code == 200, path


def test_no_other_sites_page_may_read_it(page: httpx.Client) -> None:
    answer = page.get("/api/v1/query?query=up", headers={"Origin": "https://example.edu"})
    assert "access-control-allow-origin" not in answer.headers


def test_an_alert_is_on_its_way_when_a_job_has_no_pod(own: Lab) -> None:
    scale = ("scale", "-n", "fitting-service", "deployment/fitting-service")
    own.kubectl(*scale, "--replicas=0")
    try:
        wait(
            lambda: query(own, f'ALERTS{{alertstate="pending",{ON_THE_WAY[1:]}') != [],
            "no alert about the fitting service",
        )
        (down,) = query(own, f"ALERTS{ON_THE_WAY}")
        assert down["metric"]["severity"] == "critical"
    finally:
        own.kubectl(*scale, "--replicas=1")
    own.answers(within_s=60)
    wait(lambda: query(own, f"ALERTS{ON_THE_WAY}") == [], "the alert stays")


def test_without_the_operators_kinds_reuse_is_refused_by_its_field(own: Lab) -> None:
    before = site_file(own).read_text()
    _reuse(own)
    try:
        refused = own.sslab("up", "local", "--yes", timeout_s=900)
    finally:
        site_file(own).write_text(before)
    assert refused.returncode == 1
    told = " ".join(refused.stderr.split())
    assert "sites/local.yaml: monitoring.mode: `reuse` makes objects of the Prometheus" in told
    assert "Traceback" not in told


def test_the_api_server_keeps_every_field_of_what_the_sites_prometheus_is_told(
    reused: Lab,
) -> None:
    kinds = "servicemonitors,prometheusrules"
    found = json.loads(reused.kubectl("get", kinds, "-A", "-o", "json"))["items"]
    assert {(each["kind"], each["metadata"]["name"]) for each in found} == {
        *(("ServiceMonitor", job) for job in WATCHED),
        ("PrometheusRule", "ssl"),
    }
    for each in found:
        assert each["metadata"]["labels"]["release"] == "prometheus"
    drifted = reused.pulumi_up("--refresh", "--expect-no-changes")
    assert drifted.returncode == 0, drifted.stdout + drifted.stderr


def test_each_service_monitor_selects_a_service_with_the_port_that_it_names(reused: Lab) -> None:
    monitors = json.loads(reused.kubectl("get", "servicemonitors", "-A", "-o", "json"))["items"]
    for each in monitors:
        labels = each["spec"]["selector"]["matchLabels"]
        selector = ",".join(f"{key}={value}" for key, value in labels.items())
        namespace = each["metadata"]["namespace"]
        words = ("-n", namespace, "-l", selector, "-o", "json")
        (service,) = json.loads(reused.kubectl("get", "services", *words))["items"]
        (endpoint,) = each["spec"]["endpoints"]
        assert endpoint["port"] in {port["name"] for port in service["spec"]["ports"]}
        ready = json.loads(
            reused.kubectl("get", "endpoints", "-n", namespace, service["metadata"]["name"],
                           "-o", "json")
        )  # fmt: skip
        assert ready["subsets"][0]["addresses"]


def test_the_laboratorys_own_prometheus_is_gone_with_its_volume(reused: Lab) -> None:
    words = ("get", "statefulsets,pvc,services", "-n", "ssl-monitoring", "-o", "json")
    assert json.loads(reused.kubectl(*words))["items"] == []
    (dashboard,) = json.loads(
        reused.kubectl("get", "configmaps", "-A", "-l", "grafana_dashboard=1", "-o", "json")
    )["items"]
    assert json.loads(dashboard["data"]["ssl-local.json"])["panels"]
