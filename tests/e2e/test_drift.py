"""Changes by hand on each kind of object: found with field and hand, and put back."""

from __future__ import annotations

import json
import subprocess
import time
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml

from tests.e2e.conftest import Lab

pytestmark = pytest.mark.e2e

HAND = "somebody"
NAME = "app.kubernetes.io/name"
PLANNED = {"create", "update", "replace"}


class Case(NamedTuple):
    """What somebody does to the first object of a kind, and the field that has to be told.

    `patch` is a JSON patch, None a deletion: nothing else can be done to such an object.
    """

    patch: dict[str, Any] | None
    field: str = ""


def replaced(path: str, value: Any, field: str) -> Case:
    return Case({"op": "replace", "path": path, "value": value}, field)


RENAMED = replaced(
    "/metadata/labels/app.kubernetes.io~1name", "other", f'metadata.labels["{NAME}"]'
)
CASES = {
    "Namespace": replaced(
        "/metadata/labels/pod-security.kubernetes.io~1warn",
        "privileged",
        'metadata.labels["pod-security.kubernetes.io/warn"]',
    ),
    "IngressClass": Case(None),  # its one field cannot be changed
    "LimitRange": replaced("/spec/limits/0/default/cpu", "900m", "spec.limits[0].default.cpu"),
    "ResourceQuota": replaced("/spec/hard/pods", "40", "spec.hard.pods"),
    "ServiceAccount": RENAMED,
    "ClusterRole": replaced("/rules/0/verbs/0", "delete", "rules[0].verbs[0]"),
    "ClusterRoleBinding": replaced("/subjects/0/name", "default", "subjects[0].name"),
    "Role": replaced("/rules/0/verbs/0", "delete", "rules[0].verbs[0]"),
    "RoleBinding": replaced("/subjects/0/name", "default", "subjects[0].name"),
    "PersistentVolumeClaim": RENAMED,
    "Service": replaced("/spec/ports/0/targetPort", 9999, "spec.ports[http].targetPort"),
    "Deployment": replaced("/spec/replicas", 0, "spec.replicas"),
    "StatefulSet": RENAMED,
    "Job": RENAMED,
    "Ingress": replaced("/spec/rules/0/host", "other.example", "spec.rules[0].host"),
    "Secret": replaced("/data/access-key", "b3RoZXI=", "data.access-key"),
}
"""By kind; a kind that the laboratory gets has to get a case here."""


def drift(lab: Lab, *words: str, **variables: str) -> tuple[int, dict[str, Any], str]:
    """Return the exit code, the document and all that was printed."""
    done = subprocess.run(
        [str(lab.clone / ".venv/bin/sslab"), "drift", *words, "--format", "json"],
        cwd=lab.clone,
        env={**lab.environment, **variables},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert "Traceback" not in done.stderr
    return done.returncode, json.loads(done.stdout or "{}"), done.stdout + done.stderr


def inventory(lab: Lab) -> dict[str, list[str]]:
    """Return the deployed objects: their names, with the namespace, by kind."""
    done = lab.run("bash", "-c", 'eval "$(.venv/bin/sslab env)" && pulumi stack export -s local')
    assert done.returncode == 0, done.stderr
    objects: dict[str, list[str]] = {}
    for each in json.loads(done.stdout)["deployment"]["resources"]:
        if each["type"].startswith("kubernetes:"):
            objects.setdefault(each["type"].rpartition(":")[2], []).append(named(each["inputs"]))
    return {kind: sorted(names) for kind, names in objects.items()}


def named(inputs: dict[str, Any]) -> str:
    metadata = inputs["metadata"]
    return "/".join(filter(None, (metadata.get("namespace"), metadata["name"])))


def reached(name: str) -> list[str]:
    """Return kubectl's words for an object's name."""
    namespace, _, own = name.rpartition("/")
    return [own, *(["-n", namespace] if namespace else [])]


def changed_by_hand(lab: Lab, kind: str, name: str, case: Case) -> None:
    if case.patch is None:
        lab.kubectl("delete", kind.lower(), *reached(name))
        return
    words = ("--type=json", f"--patch={json.dumps([case.patch])}", f"--field-manager={HAND}")
    lab.kubectl("patch", kind.lower(), *reached(name), *words)


def test_a_fresh_laboratory_is_clean(lab: Lab) -> None:
    code, document, _ = drift(lab, "local")
    assert document == {"sites": [{"site": "local", "status": "clean", "why": None, "objects": []}]}
    assert code == 0


def test_what_somebody_adds_beside_ours_is_no_drift(lab: Lab) -> None:
    lab.kubectl("annotate", "deployment", "traefik", "-n", "ssl-ingress", "note=mine")
    lab.kubectl("create", "configmap", "mine", "-n", "z-peak")
    try:
        code, document, _ = drift(lab, "local")
    finally:
        lab.kubectl("annotate", "deployment", "traefik", "-n", "ssl-ingress", "note-")
        lab.kubectl("delete", "configmap", "mine", "-n", "z-peak")
    assert (code, document["sites"][0]["status"]) == (0, "clean")


class Drifted(NamedTuple):
    """What was changed, what the check said of it, and what the engine would do."""

    changed: dict[tuple[str, str], Case]
    secret: str
    code: int
    found: dict[tuple[str, str], dict[str, Any]]
    said: str
    planned: set[tuple[str, str]]
    healed: subprocess.CompletedProcess[str]


@pytest.fixture(scope="module")
def drifted(lab: Lab) -> Drifted:
    """A laboratory in which somebody has changed an object of each kind, and its healing."""
    objects = inventory(lab)
    assert set(objects) == set(CASES), "each kind has to have a case"
    changed = {(kind, names[0]): CASES[kind] for kind, names in objects.items()}
    changed["LimitRange", objects["LimitRange"][-1]] = Case(None)
    secret = secret_value(lab, objects["Secret"][0])
    for (kind, name), case in changed.items():
        changed_by_hand(lab, kind, name, case)
    try:
        code, document, said = drift(lab, "local")
        planned = previewed(lab)
    finally:  # the laboratory is not this test's alone
        healed = lab.sslab("up", "local", "--heal")
    (site,) = document["sites"]
    found = {(each["type"].rpartition(":")[2], each["name"]): each for each in site["objects"]}
    return Drifted(changed, secret, code, found, said, planned, healed)


def secret_value(lab: Lab, name: str) -> str:
    shown = lab.kubectl("get", "secret", *reached(name), "--output=jsonpath={.data.access-key}")
    assert shown
    return shown


def previewed(lab: Lab) -> set[tuple[str, str]]:
    """Return the objects that Pulumi would change after a refresh."""
    script = (
        'eval "$(.venv/bin/sslab env)" && '
        # without it the preview stops at the first field that has another manager
        "PULUMI_K8S_ENABLE_PATCH_FORCE=true pulumi preview -s local --refresh --json"
    )
    done = lab.run("bash", "-c", script)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    steps = [step for step in json.loads(done.stdout)["steps"] if step["op"] in PLANNED]
    states = [step["newState"] for step in steps]
    return {
        (state["type"].rpartition(":")[2], named(state["inputs"]))
        for state in states
        if state["type"].startswith("kubernetes:")
    }


def test_each_changed_object_is_found_and_no_other(drifted: Drifted) -> None:
    assert set(drifted.found) == set(drifted.changed), drifted.said
    assert drifted.code == 1


@pytest.mark.parametrize("kind", [kind for kind, case in CASES.items() if case.patch])
def test_a_changed_field_is_told_with_the_hand(drifted: Drifted, kind: str) -> None:
    (name,) = [
        name for (other, name), case in drifted.changed.items() if other == kind and case.patch
    ]
    case, found = CASES[kind], drifted.found[kind, name]
    assert found["change"] == "changed"
    (field,) = found["fields"]
    assert field["path"] == case.field
    assert field["by"] == HAND
    assert field["at"].startswith("20")
    if kind == "Secret":
        assert (field["deployed"], field["found"]) == ("(secret)", "(secret)")
    else:
        assert case.patch is not None
        assert field["found"] == case.patch["value"]
        assert field["deployed"] != field["found"]


def test_a_deleted_object_is_told_as_gone(drifted: Drifted) -> None:
    gone = {key for key, each in drifted.found.items() if each["change"] == "gone"}
    assert gone == {key for key, case in drifted.changed.items() if case.patch is None}


def test_no_secret_is_shown(drifted: Drifted) -> None:
    for text in (drifted.said, drifted.healed.stdout, drifted.healed.stderr):
        assert drifted.secret not in text
        assert "b3RoZXI=" not in text


def test_the_same_objects_are_found_as_the_engine_would_change(drifted: Drifted) -> None:
    found = set(drifted.found)
    # a namespace that changes has no name in a preview: what is in it seems to move to `default`,
    # whether it has drifted or not
    moving = {(kind, name) for kind, name in drifted.planned if name.startswith("default/")}
    assert drifted.planned - moving <= found
    names = {(kind, name.rpartition("/")[2]) for kind, name in moving}
    for kind, name in found - drifted.planned:
        assert (kind, name.rpartition("/")[2]) in names


def test_healing_shows_what_it_puts_back_and_says_when_it_is(lab: Lab, drifted: Drifted) -> None:
    healed = drifted.healed
    assert healed.returncode == 0, healed.stdout[-6000:] + healed.stderr[-6000:]
    count = len(drifted.changed)
    assert f"{count} objects to put back" in healed.stderr
    assert f"{count} objects put back" in healed.stderr
    for kind, name in drifted.changed:
        assert f"{kind} {name}  " in healed.stderr
    names = [name for kind, name in drifted.changed if kind == "Secret"]
    assert secret_value(lab, names[0]) == drifted.secret


def test_it_is_clean_afterwards(lab: Lab, drifted: Drifted) -> None:
    code, document, said = drift(lab, "local")
    assert (code, document["sites"][0]["status"]) == (0, "clean"), said


def other_site(lab: Lab, change: dict[str, Any]) -> Path:
    """Make a site that reaches the same cluster by a kubeconfig of its own, which is changed."""
    site = (lab.clone / "sites/local.yaml").read_text()
    text = site.replace("name: local", "name: other")
    text = text.replace("  kind: local ", "  kind: local\n  context: other ")
    assert "context: other" in text
    (lab.clone / "sites/other.yaml").write_text(text)
    config = yaml.safe_load((lab.home / "kubeconfig").read_text())
    config["clusters"][0]["cluster"].update(change.get("cluster", {}))
    config["users"][0]["user"] = change.get("user", config["users"][0]["user"])
    config["contexts"][0]["name"] = change.get("context", "other")
    path = lab.clone.parent / "other.kubeconfig"
    path.write_text(yaml.safe_dump(config))
    return path


UNKNOWN: dict[str, tuple[dict[str, Any], str]] = {
    "an expired credential": (
        {"user": {"token": "expired"}},
        "they may have expired: log in again",
    ),
    "another context": ({"context": "mine"}, "rename one, or write its name there"),
    "a server that is not there": (
        {"cluster": {"server": "https://127.0.0.1:1"}},
        "see whether its API server runs",
    ),
    "a server that is silent": (
        {"cluster": {"server": "https://192.0.2.1:6443"}},
        "see whether its API server runs",
    ),
    "nothing deployed": ({}, "`sslab up other` deploys it"),
}


@pytest.mark.parametrize("case", UNKNOWN)
def test_what_cannot_be_read_is_unknown_within_seconds(lab: Lab, case: str) -> None:
    change, remedy = UNKNOWN[case]
    config = other_site(lab, change)
    started = time.monotonic()
    try:
        code, document, said = drift(lab, "other", KUBECONFIG=str(config))
    finally:
        (lab.clone / "sites/other.yaml").unlink()
        config.unlink()
    assert time.monotonic() - started < 30
    (site,) = document["sites"]
    assert (code, site["status"], site["objects"]) == (3, "unknown", []), said
    assert remedy in site["why"]


def test_a_stopped_cluster_is_unknown_and_no_drift(lab: Lab, drifted: Drifted) -> None:
    assert lab.sslab("cluster", "stop", "local").returncode == 0
    try:
        started = time.monotonic()
        code, document, _ = drift(lab, "local")
        took = time.monotonic() - started
    finally:
        assert lab.sslab("cluster", "start", "local").returncode == 0
        lab.answers(within_s=120)
    (site,) = document["sites"]
    assert (code, site["status"]) == (3, "unknown")
    assert site["why"] == "the cluster local does not run; `sslab up local` brings it up"
    assert took < 10
