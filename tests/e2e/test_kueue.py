"""Kueue from its own chart: a group over its quota waits while the other runs."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from sslab.images import content
from tests.e2e.conftest import Lab, copied_clone, host_footprint

pytestmark = pytest.mark.e2e

SEARCH = "hyperparameter-search"
SITE = """\
name: local
title: Queues on an embedded cluster
cluster: {kind: local}
privilege: {scope: cluster, crds: true}
quota: {cpu: "4", memory: 6Gi, pods: 50}
storage: {capacity: 10Gi}
ingress: {kind: traefik, domain: ssl.localhost, port: 18431}
load_balancing: {kind: node-ports, http: 30431}
object_storage: {kind: seaweedfs, capacity: 2Gi, buckets: [hyperparameter-search]}
scheduling:
  kind: kueue
  groups:
    cms: {cpu: 600m, memory: 1Gi}
    atlas: {cpu: 600m, memory: 1Gi}
patterns:
  hyperparameter-search: {queue: cms, trials: 8}
"""


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """A laboratory with two groups, of which one has done the search already."""
    folder = tmp_path_factory.mktemp("kueue")
    clone = copied_clone(folder)
    made = Lab(clone, folder / "state", host_footprint())
    try:
        (clone / "sites/local.yaml").write_text(SITE)
        started = made.sslab("cluster", "start", "local", timeout_s=5000)
        assert started.returncode == 0, started.stderr
        secrets = made.sslab("secrets", "init", "local")
        assert secrets.returncode == 0, secrets.stderr
        done = made.pulumi_up()
        assert done.returncode == 0, done.stdout + done.stderr
        yield made
    finally:
        made.run("make", "down", timeout_s=300)


def job(lab: Lab, name: str, queue: str | None) -> dict[str, Any]:
    """Return a Job of one pod that requests 400m and does nothing for ten minutes."""
    restricted = {
        "allowPrivilegeEscalation": False,
        "capabilities": {"drop": ["ALL"]},
        "runAsNonRoot": True,
        "seccompProfile": {"type": "RuntimeDefault"},
    }
    resources = {"cpu": "400m", "memory": "64Mi"}
    return {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {
            "name": name,
            "namespace": SEARCH,
            "labels": {"kueue.x-k8s.io/queue-name": queue} if queue else {},
        },
        "spec": {
            "template": {
                "spec": {
                    "restartPolicy": "Never",
                    "terminationGracePeriodSeconds": 1,
                    "containers": [
                        {
                            "name": "sleeper",
                            "image": content.reference(lab.clone, "analysis"),
                            "args": ["-c", "import time; time.sleep(600)"],
                            "resources": {"requests": resources, "limits": resources},
                            "securityContext": restricted,
                        }
                    ],
                }
            }
        },
    }


def create(lab: Lab, name: str, queue: str | None) -> None:
    lab.kubectl("create", "-f", "-", stdin=json.dumps(job(lab, name, queue)))


def active(lab: Lab, name: str) -> int:
    """Return how many pods of a Job run, or are about to."""
    found = json.loads(lab.kubectl("get", "job", "-n", SEARCH, name, "-o", "json"))
    return int(found["status"].get("active", 0))


def suspended(lab: Lab, name: str) -> bool:
    found = json.loads(lab.kubectl("get", "job", "-n", SEARCH, name, "-o", "json"))
    return bool(found["spec"].get("suspend"))


def until(there: Callable[[], bool], patience_s: float = 60) -> None:
    deadline = time.monotonic() + patience_s
    while not there():
        assert time.monotonic() < deadline
        time.sleep(0.5)


def test_the_search_was_admitted_and_has_finished(lab: Lab) -> None:
    workloads = json.loads(lab.kubectl("get", "workloads", "-n", SEARCH, "-o", "json"))["items"]
    (search,) = [each for each in workloads if each["spec"]["queueName"] == "cms"]
    conditions = {each["type"]: each["status"] for each in search["status"]["conditions"]}
    assert conditions["Finished"] == "True"
    assert search["status"]["admission"]["clusterQueue"] == "cms"


def test_a_group_over_its_quota_waits_while_the_other_runs(lab: Lab) -> None:
    create(lab, "cms-first", "cms")
    until(lambda: active(lab, "cms-first") == 1)
    create(lab, "cms-second", "cms")
    create(lab, "atlas-first", "atlas")
    until(lambda: active(lab, "atlas-first") == 1)
    time.sleep(5)  # long enough for Kueue to have started it, if it would
    assert suspended(lab, "cms-second")
    assert active(lab, "cms-second") == 0
    lab.kubectl("delete", "job", "-n", SEARCH, "cms-first")
    until(lambda: active(lab, "cms-second") == 1)
    assert active(lab, "atlas-first") == 1
    lab.kubectl("delete", "job", "-n", SEARCH, "cms-second", "atlas-first")


def test_a_job_that_names_no_queue_does_not_wait(lab: Lab) -> None:
    create(lab, "free", None)
    until(lambda: active(lab, "free") == 1)
    lab.kubectl("delete", "job", "-n", SEARCH, "free")


def test_another_up_changes_nothing(lab: Lab) -> None:
    # the controller writes certificates into objects of the chart, which is no drift
    done = lab.pulumi_up("--refresh", "--expect-no-changes")
    assert done.returncode == 0, done.stdout + done.stderr
