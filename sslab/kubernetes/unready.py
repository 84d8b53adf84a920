"""What keeps the pods of a laboratory from being ready, or from being made at all."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from sslab.site.leaks import redacted

OWNERS = "replicasets,statefulsets,jobs"
"""What makes pods, and tells in an event alone why it makes none."""

MOST_PODS = 6
LAST_LINES = 6
WIDEST = 300
TIMEOUT_S = 30


def unready(kubectl: Sequence[str], namespaces: Iterable[str]) -> Iterator[str]:
    """Yield lines about the pods that are not ready: why, what they logged last, what happened.

    A pod that Kubernetes refuses to make is told by what was to make it. `kubectl` is the beginning
    of every command for the cluster. One that gives no answer yields nothing: this is told after
    something else has failed already, which stands above.
    """
    told = 0
    for namespace in namespaces:
        for owner in _listed(kubectl, namespace, OWNERS):
            if _lacks_pods(owner):
                yield from _refused(kubectl, namespace, owner)
        for pod in _listed(kubectl, namespace, "pods"):
            if _fine(pod):
                continue
            told += 1
            if told <= MOST_PODS:
                yield from _pod(kubectl, namespace, pod)
    if told > MOST_PODS:
        yield f"and {told - MOST_PODS} more: `kubectl get pods -A` lists them"


def _lacks_pods(owner: Mapping[str, Any]) -> bool:
    """Tell whether what makes pods has made fewer of them than it should."""
    spec, status = owner["spec"], owner.get("status", {})
    if owner["kind"] == "Job":
        begun = any(status.get(each) for each in ("active", "succeeded", "failed"))
        return not begun and not spec.get("suspend")
    return int(status.get("replicas", 0)) < int(spec.get("replicas", 1))


def _refused(kubectl: Sequence[str], namespace: str, owner: Mapping[str, Any]) -> Iterator[str]:
    kind, name = owner["kind"], owner["metadata"]["name"]
    asked = f"--field-selector=involvedObject.name={name},reason=FailedCreate"
    for event in _listed(kubectl, namespace, "events", asked)[-1:]:
        yield f"{namespace}/{name}: the {kind} cannot make its pods"
        yield f"  FailedCreate: {_line(event.get('message') or '')}"


def _fine(pod: Mapping[str, Any]) -> bool:
    """Tell whether a pod is ready, has done its work, or is going away."""
    status, metadata = pod["status"], pod["metadata"]
    if status.get("phase") == "Succeeded" or "deletionTimestamp" in metadata:
        return True
    return any(
        each["type"] == "Ready" and each["status"] == "True"
        for each in status.get("conditions", ())
    )


def _pod(kubectl: Sequence[str], namespace: str, pod: Mapping[str, Any]) -> Iterator[str]:
    name, status = pod["metadata"]["name"], pod["status"]
    containers = [
        *status.get("initContainerStatuses", ()),
        *status.get("containerStatuses", ()),
    ]
    unwell = {each["name"]: state for each in containers if (state := _state(each)) is not None}
    yield f"{namespace}/{name}: {'; '.join(unwell.values()) or status.get('phase', 'unknown')}"
    happened = _listed(
        kubectl, namespace, "events", f"--field-selector=involvedObject.name={name},type=Warning"
    )
    for event in happened[-2:]:
        yield f"  {event.get('reason')}: {_line(event.get('message') or '')}"
    for each in containers:
        has_run = "containerID" in each or each.get("restartCount")
        if each["name"] not in unwell or not has_run:
            continue
        words = ["logs", name, f"--container={each['name']}", f"--tail={LAST_LINES}"]
        waits_again = "waiting" in each.get("state", {}) and each.get("restartCount")
        logged = _said(
            kubectl, *words, f"--namespace={namespace}", *(["--previous"] if waits_again else [])
        )
        for line in (logged or "").splitlines():
            yield f"  {each['name']}: {_line(line)}"


def _state(container: Mapping[str, Any]) -> str | None:
    """Return what keeps a container from being ready; None where nothing does."""
    name, state = container["name"], container.get("state", {})
    restarts = container.get("restartCount", 0)
    again = f", started again {restarts} times" if restarts > 1 else ""
    if "waiting" in state:
        return f"{name} waits ({state['waiting'].get('reason', 'no reason given')}{again})"
    if "terminated" in state:
        ended = state["terminated"]
        if ended.get("exitCode") == 0:
            return None
        return f"{name} ended with {ended.get('exitCode')} ({ended.get('reason', 'Error')}{again})"
    if container.get("ready"):
        return None
    return f"{name} runs and is not ready{again}"


def _line(text: str) -> str:
    return redacted(" ".join(text.split()))[:WIDEST]


def _listed(kubectl: Sequence[str], namespace: str, kind: str, *words: str) -> list[dict[str, Any]]:
    said = _said(kubectl, "get", kind, f"--namespace={namespace}", "--output=json", *words)
    items: list[dict[str, Any]] = json.loads(said)["items"] if said else []
    return items


def _said(kubectl: Sequence[str], *words: str) -> str | None:
    try:
        done = subprocess.run(
            [*kubectl, *words], capture_output=True, text=True, check=False, timeout=TIMEOUT_S
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout if done.returncode == 0 else None
