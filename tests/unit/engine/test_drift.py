"""Pulumi's refresh as the drift check runs it, with a program in Pulumi's place."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

import pytest

from sslab.engine.drift import NotDeployedError, refreshed
from sslab.engine.errors import EngineError
from sslab.engine.stack import Stack
from sslab.errors import SslabError
from sslab.site.loading import load_site

ROOT = Path(__file__).parents[3]
SITE = load_site(ROOT / "sites/local.yaml")
EVENTS = [
    {"preludeEvent": {"config": {}}},
    {"resOutputsEvent": {"metadata": {"op": "same"}}},
    {"summaryEvent": {}},
]


def pulumi(folder: Path, script: str) -> dict[str, str]:
    program = folder / "pulumi"
    program.write_text(f'#!/bin/sh\nfor log; do :; done\necho "$@" > "$CALLS"\n{script}\n')
    program.chmod(0o755)
    return {"PATH": f"{folder}:/usr/bin:/bin", "CALLS": str(folder / "calls")}


def test_the_events_of_the_objects_are_returned_and_nothing_is_written(tmp_path: Path) -> None:
    lines = "\n".join(json.dumps(event) for event in EVENTS)
    environment = pulumi(tmp_path, f"cat > \"$log\" <<'E'\n{lines}\nE")
    assert refreshed(tmp_path, SITE, environment) == [EVENTS[1]]
    call = (tmp_path / "calls").read_text()
    assert call.startswith("refresh --preview-only --non-interactive ")
    assert " --stack local " in call


def fails_with(tmp_path: Path, said: str, error: str = "") -> SslabError:
    event = json.dumps({"diagnosticEvent": {"severity": "error", "message": error}})
    script = (
        f"cat > \"$log\" <<'E'\n{event if error else ''}\nE\ncat >&2 <<'E'\n{said}\nE\nexit 255"
    )
    with pytest.raises(EngineError) as raised:
        refreshed(tmp_path, SITE, pulumi(tmp_path, script))
    return raised.value


def test_a_missing_stack_is_nothing_deployed(tmp_path: Path) -> None:
    error = fails_with(tmp_path, "error: no stack named 'local' found")
    assert isinstance(error, NotDeployedError)
    assert "nothing of local is deployed" in str(error)
    assert "`sslab up local`" in str(error.remedy)


def test_another_passphrase_is_told_with_its_file(tmp_path: Path) -> None:
    error = fails_with(tmp_path, "error: getting secrets manager: incorrect passphrase")
    assert "stacks/Pulumi.local.yaml" in error.message
    assert "PULUMI_CONFIG_PASSPHRASE_FILE" in str(error.remedy)
    assert not isinstance(error, NotDeployedError)


def test_an_unreachable_cluster_is_told_with_its_reason(tmp_path: Path) -> None:
    said = "warning: configured Kubernetes cluster is unreachable: unable to load schema: dial tcp"
    error = fails_with(tmp_path, said, "failed to read resource state due to unreachable cluster.")
    assert "Pulumi does not reach the cluster: unable to load schema: dial tcp" in str(error)


def test_a_clouds_refusal_is_said_in_the_words_of_the_site_file(tmp_path: Path) -> None:
    error = fails_with(tmp_path, "", "The request you have made requires authentication.")
    assert "(cluster.cloud) are wrong or have expired: download new ones" in str(error)


def test_any_other_failure_shows_the_end_of_the_error(tmp_path: Path) -> None:
    error = fails_with(tmp_path, "usage", "blob (key .pulumi/meta.yaml): connection refused\n")
    assert str(error).startswith("Pulumi could not read what is there: blob (key")
    assert "usage" not in str(error)
    assert "credentials are at hand" in str(error.remedy)


def test_it_takes_no_longer_than_its_limit_and_nothing_of_it_stays(tmp_path: Path) -> None:
    environment = pulumi(tmp_path, 'sleep 60 & echo $! > "$CALLS.child"; wait')
    started = time.monotonic()
    with pytest.raises(EngineError, match="took longer than 1 s"):
        refreshed(tmp_path, SITE, environment, limit_s=1)
    assert time.monotonic() - started < 10
    child = int((tmp_path / "calls.child").read_text())
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline and _runs(child):
        time.sleep(0.05)
    assert not _runs(child)


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return ") Z " not in Path(f"/proc/{pid}/stat").read_text()


@pytest.mark.parametrize(("refresh", "force"), [(True, "true"), (False, "")])
def test_only_a_deployment_that_reads_first_takes_fields_back_by_force(
    tmp_path: Path, refresh: bool, force: str
) -> None:
    script = 'echo "force=$PULUMI_K8S_ENABLE_PATCH_FORCE" >> "$CALLS"; echo "{}"'
    environment = {**pulumi(tmp_path, script), "PULUMI_BACKEND_URL": f"file://{tmp_path}"}
    Stack(tmp_path, SITE, environment).up(refresh=refresh, interactive=False)
    call = (tmp_path / "calls").read_text()
    assert (" --refresh " in call) is refresh
    assert f"force={force}\n" in call


def test_without_pulumi_it_says_so(tmp_path: Path) -> None:
    with pytest.raises(EngineError, match="sslab doctor"):
        refreshed(tmp_path, SITE, {"PATH": str(tmp_path)})
