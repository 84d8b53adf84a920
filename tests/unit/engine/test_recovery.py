"""What a killed deployment leaves behind, and what the next one makes of it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from sslab.engine import recovery
from sslab.engine.errors import EngineError
from sslab.engine.scratch import scratch
from sslab.engine.stack import Stack
from sslab.site.loading import load_site
from tests.unit.engine import fake_pulumi

ROOT = Path(__file__).parents[3]
PULUMI = """#!/bin/sh
echo "$@" >> "$CALLS"
case "$1 $2" in
"stack rename") echo "error: a stack named local already exists" >&2; exit 255 ;;
"stack export") cat "$STATE" ;;
"stack import") cat > "$STATE" ;;
"up "*) echo "force=$PULUMI_K8S_ENABLE_PATCH_FORCE" >> "$CALLS"; touch "$TMPDIR/kubeconfig1" ;;
esac
"""


def operation(kind: str, token: str) -> dict[str, Any]:
    return {"type": kind, "resource": {"type": token, "urn": f"urn:pulumi:local::ssl::{token}::a"}}


def exported(*operations: dict[str, Any]) -> dict[str, Any]:
    resources = [{"urn": "urn:pulumi:local::ssl::pulumi:pulumi:Stack::ssl-local"}]
    return {
        "version": 3,
        "deployment": {"resources": resources, "pending_operations": list(operations)},
    }


CREATED = operation("creating", "kubernetes:apps/v1:Deployment")
UPDATED = operation("updating", "kubernetes:apps/v1:Deployment")
NETWORK = operation("creating", "openstack:networking/network:Network")


@pytest.fixture
def stack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Stack:
    programs = fake_pulumi.laid(tmp_path, PULUMI)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "xdg"))
    environment = {
        "PATH": f"{programs}:/usr/bin:/bin",
        "CALLS": str(tmp_path / "calls"),
        "STATE": str(tmp_path / "state.json"),
    }
    return Stack(tmp_path, load_site(ROOT / "sites/local.yaml"), environment)


def up(stack: Stack, folder: Path, state: dict[str, Any]) -> str:
    (folder / "state.json").write_text(json.dumps(state))
    stack.up(refresh=False, interactive=False)
    return (folder / "calls").read_text()


def test_a_killed_deployment_is_read_again_and_taken_over(stack: Stack, tmp_path: Path) -> None:
    calls = up(stack, tmp_path, exported(CREATED, UPDATED))
    assert " --refresh " in calls
    assert "force=true" in calls
    assert "stack import" not in calls, "if this is killed, the next one still knows"


KUBECTL = """#!/bin/sh
echo "$@" >> "$0.calls"
cat >> "$0.calls"; echo >> "$0.calls"
[ "$1" != get ] || cat "$0.live"
"""


def settled(stack: Stack, folder: Path, manager: str | None, live: object) -> str:
    """Settle one creation after a deployment, and return what kubectl was asked."""
    inputs = {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "a", "namespace": "z", "labels": {"some": "label"}},
    }
    creation = {**CREATED, "resource": {**CREATED["resource"], "inputs": inputs}}
    state = exported(creation, UPDATED)
    if manager is not None:
        outputs = {"__fieldManager": manager}
        state["deployment"]["resources"].append({**creation["resource"], "outputs": outputs})
    up(stack, folder, state)
    kubectl = folder / "kubectl"
    kubectl.write_text(KUBECTL)
    kubectl.chmod(0o755)
    listed = {"kind": "List", "items": [live]}  # what kubectl makes of standard input
    (folder / "kubectl.live").write_text(json.dumps(listed) if live else "")
    stack.settle([str(kubectl)])
    left = json.loads((folder / "state.json").read_text())["deployment"]
    assert left["pending_operations"] == [UPDATED], "the creation is settled"
    return (folder / "kubectl.calls").read_text()


def test_the_killed_deployments_field_manager_goes(stack: Stack, tmp_path: Path) -> None:
    fields = [
        {"manager": "pulumi-kubernetes-new", "operation": "Apply"},
        {"manager": "pulumi-kubernetes-old", "operation": "Apply"},
        {"manager": "kubectl", "operation": "Apply"},
        {"manager": "kube-controller-manager", "operation": "Update"},
    ]
    live = {"metadata": {"managedFields": fields}}
    calls = settled(stack, tmp_path, "pulumi-kubernetes-new", live)
    applied = [line for line in calls.splitlines() if line.startswith("apply ")]
    assert applied == [
        "apply --server-side --force-conflicts --field-manager=pulumi-kubernetes-old -f -"
    ]
    reference = '{"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "a", '
    assert calls.count(reference + '"namespace": "z"}}') == 2, "and none of its fields"


def test_what_was_never_made_is_nothing(stack: Stack, tmp_path: Path) -> None:
    assert "apply" not in settled(stack, tmp_path, "pulumi-kubernetes-new", None)


def test_what_is_left_behind_is_told(
    stack: Stack, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    calls = settled(stack, tmp_path, None, {"metadata": {}})
    assert "delete" not in calls
    assert "left behind, and not described any more: Deployment z/a" in capsys.readouterr().err


def test_changes_alone_are_settled_by_reading(stack: Stack, tmp_path: Path) -> None:
    calls = up(stack, tmp_path, exported(UPDATED))
    assert "stack import" not in calls
    assert " --refresh " in calls


def test_without_a_killed_deployment_nothing_is_done(stack: Stack, tmp_path: Path) -> None:
    calls = up(stack, tmp_path, exported())
    assert "stack import" not in calls
    assert "--refresh" not in calls
    assert "force=\n" in calls


def test_what_a_cloud_may_have_made_is_not_made_twice(stack: Stack, tmp_path: Path) -> None:
    with pytest.raises(EngineError, match=r"cloud made a \(openstack:.*pulumi refresh"):
        up(stack, tmp_path, exported(CREATED, NETWORK))
    calls = (tmp_path / "calls").read_text()
    assert "stack import" not in calls
    assert "\nup " not in calls


def test_a_stack_that_never_was_deployed_has_nothing_begun() -> None:
    assert recovery.begun({"version": 3, "deployment": None}) == []


def test_what_a_run_wrote_for_itself_is_gone(stack: Stack, tmp_path: Path) -> None:
    up(stack, tmp_path, exported())
    assert list((tmp_path / "xdg/sslab/tmp").iterdir()) == []


def test_the_folders_of_killed_runs_go_and_those_of_others_stay(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    root = tmp_path / "sslab/tmp"
    names = {f"nyu.{ended.pid}.a", f"nyu.{os.getpid()}.b", f"nyu-two.{ended.pid}.c"}
    for name in names:
        (root / name).mkdir(parents=True)
    with scratch("nyu") as own:
        made = Path(own["TMPDIR"])
        assert made.stat().st_mode & 0o077 == 0
        left = {each.name for each in root.iterdir()}
        assert left == names - {f"nyu.{ended.pid}.a"} | {made.name}
    assert not made.exists()
