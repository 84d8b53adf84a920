"""MetalLB run by the laboratory: the ingress at an address of the cluster's own network."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.e2e.conftest import Lab, copied_clone, host_footprint, processes_of

pytestmark = pytest.mark.e2e

SITE = """\
name: local
title: MetalLB on an embedded cluster
cluster: {{kind: local}}
privilege: {{scope: cluster, crds: true}}
quota: {{cpu: "4", memory: 6Gi, pods: 50}}
storage: {{capacity: 10Gi}}
ingress: {{kind: traefik, domain: ssl.localhost, port: 80}}
load_balancing: {{kind: metallb, install: true, pool: [{address}-{address}]}}
object_storage: {{kind: seaweedfs, capacity: 2Gi, buckets: [fitting-service]}}
patterns:
  fitting-service: {{}}
"""
TAKER = {
    "apiVersion": "v1",
    "kind": "Service",
    "metadata": {"name": "taker", "namespace": "default"},
    "spec": {"type": "LoadBalancer", "ports": [{"port": 80}]},
}


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """A cluster with a pool of one address, which the ingress has got."""
    folder = tmp_path_factory.mktemp("metallb")
    clone = copied_clone(folder)
    made = Lab(clone, folder / "state", host_footprint())
    site = clone / "sites/local.yaml"
    try:
        site.write_text(SITE.format(address="192.0.2.1"))
        started = made.sslab("cluster", "start", "local", timeout_s=5000)
        assert started.returncode == 0, started.stderr
        site.write_text(SITE.format(address=address(made)))
        secrets = made.sslab("secrets", "init", "local")
        assert secrets.returncode == 0, secrets.stderr
        done = made.pulumi_up()
        assert done.returncode == 0, done.stdout + done.stderr
        yield made
    finally:
        made.run("make", "down", timeout_s=300)


def address(lab: Lab) -> str:
    """Return the address of the pool; the cluster has its own at .2."""
    index = json.loads((lab.home / "cluster.json").read_text())["index"]
    return f"10.89.{index}.100"


def get(lab: Lab) -> httpx.Response:
    """Ask the fitting service through the ingress; a new address is announced within seconds."""
    deadline = time.monotonic() + 30
    while True:
        try:
            return httpx.get(
                f"http://{address(lab)}/readyz",
                headers={"Host": "fitting-service.ssl.localhost"},
                timeout=5,
                trust_env=False,
            )
        except httpx.HTTPError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.5)


def external(lab: Lab, namespace: str, service: str) -> list[str]:
    found = json.loads(lab.kubectl("get", "service", "-n", namespace, service, "-o", "json"))
    return [each["ip"] for each in found["status"]["loadBalancer"].get("ingress", [])]


def test_the_ingress_answers_at_an_address_of_the_pool(lab: Lab) -> None:
    assert external(lab, "ssl-ingress", "traefik") == [address(lab)]
    assert get(lab).status_code == 200


def test_another_up_changes_nothing(lab: Lab) -> None:
    # the controller writes certificates into objects of the chart, which is no drift
    done = lab.pulumi_up("--refresh", "--expect-no-changes")
    assert done.returncode == 0, done.stdout + done.stderr


def test_metallbs_pods_have_their_powers_and_no_others_have(lab: Lab) -> None:
    pods = json.loads(lab.kubectl("get", "pods", "-A", "-o", "json"))["items"]
    on_the_node = {
        pod["metadata"]["labels"].get("app.kubernetes.io/component")
        for pod in pods
        if pod["spec"].get("hostNetwork") or pod["spec"]["securityContext"].get("runAsUser") == 0
    }
    assert on_the_node == {"speaker"}
    namespaces = json.loads(lab.kubectl("get", "namespaces", "-o", "json"))["items"]
    level = "pod-security.kubernetes.io/enforce"
    privileged = {
        each["metadata"]["name"]
        for each in namespaces
        if each["metadata"]["labels"].get(level) == "privileged"
    }
    assert privileged == {"ssl-metallb"}


def test_a_used_up_pool_is_told_soon_and_mended_by_a_free_address(lab: Lab) -> None:
    lab.kubectl("delete", "service", "-n", "ssl-ingress", "traefik")
    lab.kubectl("apply", "-f", "-", stdin=json.dumps(TAKER))
    lab.kubectl(
        "wait", "-n", "default", "service/taker", "--timeout=30s",
        "--for=jsonpath={.status.loadBalancer.ingress}",
    )  # fmt: skip
    started = time.monotonic()
    refused = lab.pulumi_up("--refresh")
    assert refused.returncode != 0
    assert time.monotonic() - started < 150, "Pulumi's own limit is ten minutes"
    told = (
        f"sites/local.yaml: load_balancing.pool: MetalLB gave the ingress no address of "
        f"{address(lab)}-{address(lab)} within 60 s; `kubectl get services -A` shows which "
        "Services have them: free one, or add addresses to load_balancing.pool"
    )
    assert told in refused.stdout
    assert "Traceback" not in refused.stdout + refused.stderr
    lab.kubectl("delete", "service", "-n", "default", "taker")
    done = lab.pulumi_up()
    assert done.returncode == 0, done.stdout + done.stderr
    assert get(lab).status_code == 200


def test_down_leaves_nothing(lab: Lab) -> None:
    where = Path(lab.home)
    down = lab.run("make", "down")
    assert down.returncode == 0, down.stderr
    assert processes_of(lab.state) == []
    assert not where.exists()
