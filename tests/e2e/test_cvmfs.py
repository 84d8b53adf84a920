"""CVMFS on one embedded cluster: a folder of the node, then the driver's chart and a squid.

The driver itself does not run: its images are in a registry. A chart that takes the same values
stands for the upstream's.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.charts import TAGS_ALONE
from tests.e2e import cvmfs_reader
from tests.e2e.conftest import Lab, copied_clone, host_footprint, processes_of

pytestmark = pytest.mark.e2e
TEXT = "software of many experiments\n"
SITE = """\
name: local
title: CVMFS on an embedded cluster
cluster: {{kind: local}}
privilege: {{scope: cluster, privileged: true, host_path: true}}
quota: {{cpu: "2", memory: 4Gi, pods: 50}}
storage: {{capacity: 1Gi}}
ingress: {{kind: none}}
load_balancing: {{kind: none}}
"""
HOST = (
    "cvmfs: {{kind: host, repositories: [sft.cern.ch], path: {path}}}\npatterns: {{reader: {{}}}}\n"
)
CSI = """\
cvmfs: {{kind: csi, repositories: [sft.cern.ch], cache: 2Gi}}
charts: {{mirror: {charts}}}
registry: {{mirror: mirror.example.edu}}
"""
ORIGIN = "203.0.113.10"  # of no private network: what squid takes for a server outside
CLIENT = """
import http.client, sys
squid, method, target, *source = sys.argv[1:]
asked = http.client.HTTPConnection(
    squid, 3128, timeout=20, source_address=(source[0], 0) if source else None
)
asked.request(method, target)
answer = asked.getresponse()
print(answer.status, answer.getheader("X-Cache") or "-")
"""


@dataclass
class Outside:
    """A web server beside the cluster's node, at an address that is nobody's private one."""

    network: str
    log: Path

    def fetched(self) -> int:
        return self.log.read_text().count('"GET ')


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """A cluster whose node has a repository in a folder, and a pattern that has read it."""
    folder = tmp_path_factory.mktemp("cvmfs")
    clone, repository = copied_clone(folder), folder / "mounted" / "sft.cern.ch"
    repository.mkdir(parents=True)
    (repository / "README").write_text(TEXT)
    _put_reader(clone / "patterns" / "reader")
    made = Lab(clone, folder / "state", host_footprint())
    (clone / "sites/local.yaml").write_text(SITE.format() + HOST.format(path=folder / "mounted"))
    # mounts propagate into pods only from a shared mount, which a node's root is with systemd
    subprocess.run(["mount", "--bind", folder / "mounted", folder / "mounted"], check=True)
    try:
        subprocess.run(["mount", "--make-shared", folder / "mounted"], check=True)
        started = made.sslab("cluster", "start", "local", timeout_s=5000)
        assert started.returncode == 0, started.stderr
        secrets = made.sslab("secrets", "init", "local")
        assert secrets.returncode == 0, secrets.stderr
        done = made.pulumi_up()
        assert done.returncode == 0, done.stdout + done.stderr
        yield made
    finally:
        made.run("make", "down", timeout_s=300)
        subprocess.run(["umount", folder / "mounted"], check=True)


def _put_reader(pattern: Path) -> None:
    pattern.mkdir()
    (pattern / "__init__.py").touch()
    (pattern / "pattern.yaml").write_text(cvmfs_reader.CONTRACT)
    shutil.copyfile(cvmfs_reader.__file__, pattern / "component.py")
    (pattern / "settings.py").write_text(cvmfs_reader.SETTINGS)


@pytest.fixture(scope="module")
def driven(lab: Lab) -> Lab:
    """The same cluster with the driver's chart and a squid in place of the folder."""
    site = SITE.format() + CSI.format(charts=lab.clone / "tests/charts") + TAGS_ALONE
    (lab.clone / "sites/local.yaml").write_text(site)
    done = lab.pulumi_up()
    assert done.returncode == 0, done.stdout + done.stderr
    return lab


@pytest.fixture(scope="module")
def outside(driven: Lab, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Outside]:
    folder = tmp_path_factory.mktemp("origin")
    served = folder / "served"
    served.mkdir()
    (served / "object").write_text(TEXT)
    os.utime(served / "object", (10**9, 10**9))  # an old object stays fresh for long
    index = json.loads((driven.home / "cluster.json").read_text())["index"]
    network = f"sslab-{index}-local"
    inside = ("ip", "netns", "exec", network)
    subprocess.run([*inside, "ip", "address", "add", f"{ORIGIN}/32", "dev", "lo"], check=True)
    made = Outside(network, folder / "log")
    with made.log.open("w") as log:
        server = subprocess.Popen(
            [*inside, sys.executable, "-u", "-m", "http.server", "8000", "--bind", ORIGIN],
            cwd=served,
            stdout=log,
            stderr=log,
        )
    try:
        deadline = time.monotonic() + 20
        while "Serving HTTP" not in made.log.read_text() and time.monotonic() < deadline:
            time.sleep(0.1)
        yield made
    finally:
        server.terminate()
        server.wait(timeout=20)


def ask(outside: Outside, squid: str, method: str, target: str, *source: str) -> str:
    """Return the status of an answer by way of squid, and whether it was in the cache."""
    done = subprocess.run(
        ["ip", "netns", "exec", outside.network, sys.executable, "-c", CLIENT, squid, method,
         target, *source],
        capture_output=True, text=True, check=True, timeout=60,
    )  # fmt: skip
    return done.stdout.strip()


def squid_service(lab: Lab) -> str:
    jsonpath = "jsonpath={.spec.clusterIP}"
    return lab.kubectl("get", "service", "-n", "ssl-squid", "squid", "-o", jsonpath)


def objects(lab: Lab, *words: str) -> Any:
    return json.loads(lab.kubectl("get", *words, "-o", "json"))


def test_a_restricted_pod_reads_a_file_of_a_repository(lab: Lab) -> None:
    assert lab.kubectl("logs", "-n", "reader", "job/reader") == TEXT
    claim = objects(lab, "pvc", "-n", "reader", "cvmfs")
    assert claim["status"]["phase"] == "Bound"
    assert claim["spec"]["volumeName"] == "ssl-cvmfs-reader"
    labels = objects(lab, "namespace", "reader")["metadata"]["labels"]
    assert labels["pod-security.kubernetes.io/enforce"] == "restricted"


def test_the_folder_is_mounted_to_read_only(lab: Lab) -> None:
    (pod,) = objects(lab, "pods", "-n", "reader")["items"]
    (mount,) = [
        each
        for each in pod["spec"]["containers"][0]["volumeMounts"]
        if each["mountPath"] == "/cvmfs"
    ]
    assert mount["readOnly"] is True
    assert mount["mountPropagation"] == "HostToContainer"


def test_another_up_changes_nothing_with_a_folder(lab: Lab) -> None:
    done = lab.pulumi_up("--refresh", "--expect-no-changes")
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_missing_chart_is_told_before_anything_is_made(lab: Lab, tmp_path: Path) -> None:
    file = lab.clone / "sites/local.yaml"
    before = file.read_text()
    file.write_text(SITE.format() + CSI.format(charts=tmp_path))
    try:
        refused = lab.sslab("up", "local")
    finally:
        file.write_text(before)
    assert refused.returncode == 1
    assert (
        f"sites/local.yaml: charts.mirror: {tmp_path} has no chart cvmfs-csi 2.5.2; run `helm"
        in (" ".join(refused.stderr.split()))
    )
    assert "Traceback" not in refused.stderr


def test_the_drivers_chart_gets_the_squid_and_the_mirror(driven: Lab) -> None:
    found = objects(driven, "configmap", "-n", "ssl-cvmfs", "cvmfs-csi-default-local")
    told = found["data"]["default.local"]
    assert 'CVMFS_HTTP_PROXY="http://squid.ssl-squid.svc.cluster.local:3128"' in told
    assert "CVMFS_QUOTA_LIMIT=2048" in told
    assert "cern.ch:3128" not in told
    plugin = objects(driven, "deployment", "-n", "ssl-cvmfs", "cvmfs-csi-nodeplugin")
    pod = plugin["spec"]["template"]["spec"]
    assert [each["image"] for each in pod["containers"]] == [
        "mirror.example.edu/kubernetes/cvmfs-csi:v2.5.2",
        "mirror.example.edu/sig-storage/csi-node-driver-registrar:v2.8.0",
    ]
    assert {each["resources"]["limits"]["memory"] for each in pod["containers"]} == {"1Gi"}
    assert pod["automountServiceAccountToken"] is False
    assert objects(driven, "storageclass", "cvmfs")["provisioner"] == "cvmfs.csi.cern.ch"
    assert objects(driven, "csidriver", "cvmfs.csi.cern.ch")


def test_another_up_changes_nothing_with_the_driver(driven: Lab) -> None:
    done = driven.pulumi_up("--refresh", "--expect-no-changes")
    assert done.returncode == 0, done.stdout + done.stderr


def test_what_was_fetched_once_comes_out_of_the_cache(driven: Lab, outside: Outside) -> None:
    squid, target = squid_service(driven), f"http://{ORIGIN}:8000/object"
    assert ask(outside, squid, "GET", target) == "200 MISS from squid"
    assert ask(outside, squid, "GET", target) == "200 HIT from squid"
    assert outside.fetched() == 1


@pytest.mark.parametrize(
    ("method", "target"),
    [
        ("CONNECT", f"{ORIGIN}:8000"),
        ("POST", f"http://{ORIGIN}:8000/object"),
        ("GET", f"http://{ORIGIN}:9000/object"),
        ("GET", "http://10.0.0.1/"),
        ("GET", "http://192.168.1.1:8000/"),
        ("GET", "http://169.254.169.254/latest/meta-data"),
        ("GET", "http://localhost/"),
        ("GET", "http://[::1]/"),
        ("GET", "http://kubernetes.default.svc.cluster.local/"),
        ("GET", "http://squid:3128/squid-internal-mgr/info"),
    ],
)
def test_squid_is_no_way_to_anywhere_else(
    method: str, target: str, driven: Lab, outside: Outside
) -> None:
    before = outside.fetched()
    assert ask(outside, squid_service(driven), method, target).startswith("403 ")
    assert outside.fetched() == before


def test_squid_serves_nobody_from_outside(driven: Lab, outside: Outside) -> None:
    (pod,) = objects(driven, "pods", "-n", "ssl-squid")["items"]
    target = f"http://{ORIGIN}:8000/object"
    assert ask(outside, pod["status"]["podIP"], "GET", target).startswith("200 ")
    assert ask(outside, pod["status"]["podIP"], "GET", target, ORIGIN).startswith("403 ")


def test_down_leaves_nothing(driven: Lab) -> None:
    down = driven.run("make", "down")
    assert down.returncode == 0, down.stderr
    assert processes_of(driven.state) == []
