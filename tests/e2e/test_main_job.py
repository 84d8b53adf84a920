"""The main job, as the README tells it."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import time
from pathlib import Path

import pytest

from tests.e2e.conftest import PORT, Lab, host_footprint, processes_of

pytestmark = pytest.mark.e2e

WORKSPACE = "patterns/fitting_service/two_bin_workspace.json"
PUBLISHED = (0.00260626, 0.01382005, 0.06445321, 0.23525644, 0.57303621)


def states(lab: Lab) -> dict[str, int]:
    shown = lab.sslab("cluster", "status", "local").stdout
    rows = re.findall(r"^(\S+)\s+running\s+(\d+)", shown, flags=re.MULTILINE)
    return {name: int(pid) for name, pid in rows}


def test_interrupted_run_was_told_how_to_go_on(lab: Lab) -> None:
    assert "Traceback" not in lab.outputs["interrupted"]
    assert "interrupt" in lab.outputs["interrupted"].lower()


def test_up_ends_with_what_runs_where(lab: Lab) -> None:
    shown = lab.outputs["up"]
    assert f"http://fitting-service.ssl.localhost:{PORT}" in shown
    assert f"http://s3.ssl.localhost:{PORT}" in shown
    assert "make down" in shown
    assert "Traceback" not in shown


def test_check_reports_both_patterns_as_json(lab: Lab) -> None:
    done = lab.sslab("check", "local", "--format", "json")
    assert done.returncode == 0, done.stderr
    checks = json.loads(done.stdout)["checks"]
    assert {check["pattern"] for check in checks} == {"fitting-service", "z-peak"}
    keys = {
        "pattern", "check", "value", "expected", "tolerance", "passed", "duration_s", "image",
        "commit",
    }  # fmt: skip
    for check in checks:
        assert set(check) == keys
        assert check["passed"] is True
        assert "sha256:" in check["image"]
        assert abs(check["value"] - check["expected"]) <= check["tolerance"]


def test_curl_through_the_ingress_gets_the_published_numbers(lab: Lab) -> None:
    done = lab.run(
        "curl", "--silent", "--fail", "--noproxy", "*",
        "--header", "content-type: application/json",
        "--data", f"@{WORKSPACE}", f"http://fitting-service.ssl.localhost:{PORT}/v1/fits",
    )  # fmt: skip
    fit = json.loads(done.stdout)
    assert fit["cls_obs"] == pytest.approx(0.05251497, abs=1e-6)
    assert fit["cls_exp"] == pytest.approx(PUBLISHED, abs=1e-6)


def test_the_plot_is_fetched_as_its_page_says(lab: Lab) -> None:
    page = (lab.clone / "docs/patterns/z-peak.md").read_text()
    blocks = re.findall(r"```console\n(.*?)```", page, flags=re.DOTALL)
    (block,) = [block for block in blocks if "curl" in block]
    script = re.sub(r"^\$ ", "", block, flags=re.MULTILINE).replace(":8080", f":{PORT}")
    done = lab.run("bash", "-ec", script)
    assert done.returncode == 0, done.stderr
    assert (lab.clone / "z-peak.png").read_bytes().startswith(b"\x89PNG")


def test_plain_pulumi_does_the_same_work(lab: Lab) -> None:
    script = 'eval "$(.venv/bin/sslab env)" && pulumi up -s local --yes --expect-no-changes'
    done = lab.run("bash", "-c", script)
    assert done.returncode == 0, done.stdout + done.stderr


def test_nothing_to_do_changes_nothing(lab: Lab) -> None:
    # in the very shell that the README prepares for plain Pulumi
    done = lab.run("bash", "-c", 'eval "$(.venv/bin/sslab env)" && make up')
    assert done.returncode == 0, done.stdout + done.stderr
    assert "created" not in done.stdout.partition("Smoke tests")[0]


def test_pods_run_as_nobody(lab: Lab) -> None:
    pods = json.loads(lab.kubectl("get", "pods", "-A", "-o", "json"))["items"]
    assert pods
    for pod in pods:
        context = pod["spec"]["securityContext"]
        assert context["runAsNonRoot"] is True
        assert context["runAsUser"] != 0
    namespaces = {pod["metadata"]["namespace"] for pod in pods}
    for namespace in namespaces:
        labels = json.loads(lab.kubectl("get", "namespace", namespace, "-o", "json"))["metadata"]
        assert labels["labels"]["pod-security.kubernetes.io/enforce"] == "restricted"


def test_a_privileged_pod_is_refused(lab: Lab) -> None:
    with pytest.raises(AssertionError, match="violates PodSecurity"):
        lab.kubectl("run", "bad", "-n", "z-peak", "--image=ssl.local/pause:1", "--privileged=true")


def test_a_claim_for_many_writers_binds_by_itself(lab: Lab) -> None:
    claim = {
        "apiVersion": "v1",
        "kind": "PersistentVolumeClaim",
        "metadata": {"name": "many", "namespace": "default"},
        "spec": {
            "accessModes": ["ReadWriteMany"],
            "resources": {"requests": {"storage": "1Gi"}},
        },
    }
    lab.kubectl("apply", "-f", "-", stdin=json.dumps(claim))
    try:
        lab.kubectl(
            "wait", "-n", "default", "pvc/many", "--for=jsonpath={.status.phase}=Bound",
            "--timeout=60s",
        )  # fmt: skip
    finally:
        lab.kubectl("delete", "-n", "default", "pvc/many")


def test_no_secret_is_kept_in_plain_text(lab: Lab) -> None:
    values = {
        lab.sslab("secrets", "show", "local", key).stdout.strip()
        for key in ("s3-admin-secret-key", "s3-z-peak-secret-key", "s3-fitting-service-access-key")
    }
    assert all(len(value) >= 20 for value in values)
    kept = [*(lab.state / "sslab" / "stacks").rglob("*"), *(lab.clone / "stacks").rglob("*")]
    kept += (lab.home / "logs").rglob("*.log")
    texts = {str(path): path.read_text(errors="replace") for path in kept if path.is_file()}
    texts.update(lab.outputs)
    leaks = [name for name, text in texts.items() if any(value in text for value in values)]
    assert texts
    assert leaks == []


def test_every_killed_process_comes_back(lab: Lab) -> None:
    before = states(lab)
    assert {"etcd", "kube-apiserver", "kubelet", "containerd", "coredns"} <= set(before)
    for pid in before.values():
        os.kill(pid, signal.SIGKILL)
    deadline = time.monotonic() + 90
    while time.monotonic() < deadline:
        after = states(lab)
        if set(after) == set(before) and not set(after.values()) & set(before.values()):
            break
        time.sleep(1)
    else:
        raise AssertionError(f"before {before}, after {states(lab)}")
    lab.answers(within_s=120)


def test_a_killed_supervisor_comes_back(lab: Lab) -> None:
    pid_file = next(Path("/run").glob("sslab-*-local/supervisord.pid"))
    old = int(pid_file.read_text())
    os.kill(old, signal.SIGKILL)
    deadline = time.monotonic() + 90
    while time.monotonic() < deadline:
        if pid_file.exists() and int(pid_file.read_text() or old) != old and states(lab):
            break
        time.sleep(1)
    lab.answers(within_s=120)
    assert lab.sslab("cluster", "status", "local").returncode == 0


def test_data_is_there_after_stop_and_start(lab: Lab) -> None:
    body = json.loads((lab.clone / WORKSPACE).read_text())
    first = lab.request("fitting-service", "POST", "/v1/fits", body).json()
    stopped = lab.sslab("cluster", "stop", "local")
    assert stopped.returncode == 0, stopped.stderr
    assert processes_of(lab.home) == []
    assert "stopped" in lab.sslab("cluster", "list").stdout
    started = lab.sslab("cluster", "start", "local")
    assert started.returncode == 0, started.stderr
    lab.answers(within_s=120)
    again = lab.request("fitting-service", "GET", f"/v1/fits/{first['id']}")
    assert again.status_code == 200
    assert again.json()["cls_obs"] == first["cls_obs"]
    assert lab.sslab("check", "local").returncode == 0


def test_logs_are_shown(lab: Lab) -> None:
    done = lab.sslab("cluster", "logs", "local", "--process", "etcd", "--lines", "5")
    assert done.returncode == 0
    assert "etcd.log" in done.stdout
    wrong = lab.sslab("cluster", "logs", "local", "--process", "nonesuch")
    assert wrong.returncode == 1
    assert "there are:" in wrong.stderr


def test_a_second_laboratory_on_the_same_port_is_told_so(lab: Lab) -> None:
    site = (lab.clone / "sites/local.yaml").read_text()
    other = lab.clone / "sites/second.yaml"
    other.write_text(site.replace("name: local", "name: second"))
    try:
        done = lab.sslab("cluster", "start", "second")
    finally:
        other.unlink()
        lab.sslab("cluster", "delete", "second", "--yes")
    assert done.returncode == 1
    assert f"port {PORT}" in done.stderr
    assert "in use" in done.stderr
    assert "Traceback" not in done.stderr


def test_down_leaves_nothing(lab: Lab) -> None:
    down = lab.run("make", "down")
    assert down.returncode == 0, down.stderr
    assert processes_of(lab.state) == []
    assert not lab.home.exists()
    assert not (lab.clone / "stacks/Pulumi.local.yaml").exists()
    after = host_footprint()
    assert after == lab.before
    listening = subprocess.run(
        ["ss", "-ltn", f"sport = :{PORT}"], capture_output=True, text=True, check=True
    )
    assert str(PORT) not in listening.stdout
