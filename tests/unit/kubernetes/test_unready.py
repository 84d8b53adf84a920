"""What is told of pods that are not ready."""

from __future__ import annotations

import json
import stat
from pathlib import Path
from typing import Any

from sslab.kubernetes.unready import MOST_PODS, OWNERS, unready


def pod(name: str, *containers: dict[str, Any], **status: Any) -> dict[str, Any]:
    return {
        "metadata": {"name": name, **status.pop("metadata", {})},
        "status": {"phase": "Running", "containerStatuses": list(containers), **status},
    }


def ready(name: str) -> dict[str, Any]:
    conditions = [{"type": "Ready", "status": "True"}]
    return pod(name, {"name": "main", "ready": True, "state": {}}, conditions=conditions)


RUNS = {"name": "gateway", "containerID": "c", "ready": False, "state": {"running": {}}}
CRASHES = {
    "name": "store", "containerID": "c", "restartCount": 4,
    "state": {"waiting": {"reason": "CrashLoopBackOff"}},
}  # fmt: skip
ENDED = {
    "name": "task", "containerID": "c", "state": {"terminated": {"exitCode": 137, "reason": "OOM"}},
}  # fmt: skip


def owner(kind: str, name: str, spec: dict[str, Any], **status: int) -> dict[str, Any]:
    return {"kind": kind, "metadata": {"name": name}, "spec": spec, "status": status}


def kubectl(
    folder: Path,
    pods: list[dict[str, Any]],
    logs: str = "",
    event: str = "",
    owners: tuple[dict[str, Any], ...] = (),
) -> list[str]:
    """Return a stand-in that knows the pods of one namespace, and writes down what it was asked."""
    events = [{"reason": "Unhealthy", "message": event}] if event else []
    for name, items in (("pods", pods), ("events", events), (OWNERS, list(owners))):
        (folder / name).write_text(json.dumps({"items": items}))
    (folder / "logs").write_text(logs)
    program = folder / "kubectl"
    program.write_text(
        f"""#!/bin/sh
echo "$@" >> {folder}/asked
case "$*" in *--namespace=other*) exit 1 ;; esac
case "$1" in get) cat {folder}/"$2" ;; logs) cat {folder}/logs ;; esac
"""
    )
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    return [str(program)]


def test_a_pod_is_told_with_its_containers_its_events_and_its_last_words(tmp_path: Path) -> None:
    command = kubectl(
        tmp_path,
        [pod("storage-0", CRASHES, RUNS), ready("fine")],
        logs="one\ntoken eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.c2lnbmF0dXJlc2ln\n",
        event="Readiness probe failed:\n HTTP 503",
    )
    assert list(unready(command, ["other", "storage"])) == [
        "storage/storage-0: store waits (CrashLoopBackOff, started again 4 times); "
        "gateway runs and is not ready",
        "  Unhealthy: Readiness probe failed: HTTP 503",
        "  store: one",
        "  store: token (hidden)",
        "  gateway: one",
        "  gateway: token (hidden)",
    ]
    asked = (tmp_path / "asked").read_text().splitlines()
    logs = [line for line in asked if line.startswith("logs")]
    assert ["--previous" in line for line in logs] == [True, False]


def test_what_is_ready_done_or_going_away_is_not_told(tmp_path: Path) -> None:
    pods = [
        ready("fine"),
        pod("done", phase="Succeeded"),
        pod("leaving", RUNS, metadata={"deletionTimestamp": "now"}),
    ]
    assert list(unready(kubectl(tmp_path, pods), ["here"])) == []


def test_a_pod_that_never_ran_and_one_that_ended(tmp_path: Path) -> None:
    waits = {"name": "main", "state": {"waiting": {"reason": "ErrImageNeverPull"}}}
    pods = [pod("a", phase="Pending"), pod("b", waits), pod("c", ENDED)]
    told = list(unready(kubectl(tmp_path, pods, logs="bye"), ["here"]))
    assert told == [
        "here/a: Pending",
        "here/b: main waits (ErrImageNeverPull)",
        "here/c: task ended with 137 (OOM)",
        "  task: bye",
    ]


def test_many_pods_are_counted(tmp_path: Path) -> None:
    pods = [pod(f"p{number}", phase="Pending") for number in range(MOST_PODS + 3)]
    told = list(unready(kubectl(tmp_path, pods), ["here"]))
    assert len(told) == MOST_PODS + 1
    assert told[-1] == "and 3 more: `kubectl get pods -A` lists them"


def test_a_cluster_that_gives_no_answer_is_not_told_of(tmp_path: Path) -> None:
    assert list(unready([str(tmp_path / "none")], ["here"])) == []


def test_what_cannot_make_its_pods_is_told_with_the_reason(tmp_path: Path) -> None:
    said = 'pods "web-1-x" is forbidden: exceeded quota: ssl, limited: requests.memory=2Gi'
    made = (
        owner("ReplicaSet", "web-1", {"replicas": 2}, replicas=1),
        owner("ReplicaSet", "old", {"replicas": 0}),
        owner("StatefulSet", "store", {"replicas": 1}, replicas=1),
        owner("Job", "fit", {}),
        owner("Job", "done", {}, succeeded=1),
        owner("Job", "waits", {"suspend": True}),
    )
    told = list(unready(kubectl(tmp_path, [], event=said, owners=made), ["here"]))
    assert told == [
        "here/web-1: the ReplicaSet cannot make its pods",
        f"  FailedCreate: {said}",
        "here/fit: the Job cannot make its pods",
        f"  FailedCreate: {said}",
    ]


def test_what_lacks_pods_and_was_refused_none_is_not_told(tmp_path: Path) -> None:
    made = (owner("ReplicaSet", "web-1", {"replicas": 2}, replicas=1),)
    assert list(unready(kubectl(tmp_path, [], owners=made), ["here"])) == []
