"""History and rollback of the laboratory, and a state in its object storage."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import boto3
import botocore.config
import pytest

from sslab.engine import lock_folder
from sslab.engine.errors import EngineError
from sslab.engine.stack import Stack
from sslab.site.loading import load_site
from tests.e2e.conftest import ROOT, Lab

pytestmark = pytest.mark.e2e

IDENTITY = ("-c", "user.name=test", "-c", "user.email=test@example.edu")
S3_PORT = 18341
PLACE = f"s3://z-peak/states?endpoint=http://127.0.0.1:{S3_PORT}&s3ForcePathStyle=true"
PROGRAM = """import os, time
import pulumi
pulumi.export("made", "here")
time.sleep(float(os.environ.get("SECONDS_TO_SLEEP", "0")))
"""


def committed(lab: Lab, message: str) -> str:
    lab.run("git", "add", "--all")
    lab.run("git", *IDENTITY, "commit", "--quiet", "--allow-empty", "--message", message)
    return lab.run("git", "rev-parse", "HEAD").stdout.strip()


def history(lab: Lab) -> list[dict[str, Any]]:
    done = lab.sslab("history", "local", "--format", "json")
    assert done.returncode == 0, done.stderr
    found: list[dict[str, Any]] = json.loads(done.stdout)["updates"]
    return found


def replicas(lab: Lab) -> int:
    words = ("get", "deployment", "fitting-service", "-n", "fitting-service", "-o", "json")
    return int(json.loads(lab.kubectl(*words))["spec"]["replicas"])


def test_a_rollback_puts_back_what_was_deployed_before(lab: Lab) -> None:
    site = lab.clone / "sites/local.yaml"
    text = site.read_text()
    good = committed(lab, "As it is")
    try:
        assert lab.sslab("up", "local").returncode == 0
        site.write_text(text.replace("fitting-service: {}", "fitting-service: {replicas: 2}"))
        bad = committed(lab, "Twice the service")
        assert lab.sslab("up", "local").returncode == 0
        newest = history(lab)[0]
        assert (newest["revision"], newest["dirty"], newest["result"]) == (bad, False, "succeeded")
        assert newest["who"] == f"root@{socket.gethostname()}"
        assert newest["changes"]["update"] >= 1
        assert history(lab)[1]["revision"] == good
        shown = lab.sslab("history", "local", "--last", "1").stdout
        assert f"{bad[:12]}" in shown
        assert "Twice the service" in shown
        assert replicas(lab) == 2

        secrets = (lab.clone / "stacks/Pulumi.local.yaml").read_bytes()
        (lab.clone / "README.md").write_text("being written")
        done = lab.sslab("rollback", "local", "--yes")
        assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
        assert f"from {bad[:12]} Twice the service\n  to   {good[:12]} As it is" in done.stdout
        assert "uncommitted changes in 1 files (README.md) stay here" in done.stderr
        assert "CLs_obs" in done.stdout, "the smoke tests"
        assert replicas(lab) == 1
        newest = history(lab)[0]
        assert (newest["revision"], newest["dirty"]) == (good, False)
        assert (lab.clone / "stacks/Pulumi.local.yaml").read_bytes() == secrets
        assert lab.run("git", "rev-parse", "HEAD").stdout.strip() == bad
        assert len(lab.run("git", "worktree", "list").stdout.splitlines()) == 1
    finally:
        lab.run("git", "checkout", "--", "README.md")
        site.write_text(text)
        committed(lab, "As it was")


def test_a_rollback_that_cannot_be_changes_nothing(lab: Lab) -> None:
    before = len(history(lab))
    unknown = lab.sslab("rollback", "local", "nonesuch", "--yes")
    assert (unknown.returncode, unknown.stdout) == (1, "")
    assert "error: there is no revision 'nonesuch'" in unknown.stderr
    first = lab.run("git", "rev-list", "--max-parents=0", "HEAD").stdout.split()[0]
    if not lab.run("git", "ls-tree", first, "sites/local.yaml").stdout:
        early = lab.sslab("rollback", "local", first, "--yes")
        assert early.returncode == 1
        assert "that revision does not know the site" in early.stderr
    unasked = lab.sslab("rollback", "local", "HEAD")
    assert unasked.returncode == 1
    assert len(history(lab)) == before


def client(keys: dict[str, str]) -> Any:
    return boto3.client(
        "s3", endpoint_url=f"http://127.0.0.1:{S3_PORT}", region_name="us-east-1",
        aws_access_key_id=keys["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=keys["AWS_SECRET_ACCESS_KEY"],
        config=botocore.config.Config(s3={"addressing_style": "path"}),
    )  # fmt: skip


@contextmanager
def in_object_storage(lab: Lab) -> Iterator[dict[str, str]]:
    """Reach the laboratory's object storage at a port, and return what Pulumi needs to use it."""
    keys = {
        name: lab.sslab("secrets", "show", "local", f"s3-z-peak-{key}").stdout.strip()
        for name, key in (
            ("AWS_ACCESS_KEY_ID", "access-key"),
            ("AWS_SECRET_ACCESS_KEY", "secret-key"),
        )
    }
    script = (
        'eval "$(.venv/bin/sslab env)"; exec kubectl port-forward --namespace ssl-object-storage'
        f" service/object-storage {S3_PORT}:8333"
    )
    forward = subprocess.Popen(
        ["bash", "-c", script], cwd=lab.clone, env=lab.environment,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        deadline = time.monotonic() + 30
        while True:
            try:
                socket.create_connection(("127.0.0.1", S3_PORT), timeout=1).close()
                break
            except OSError:
                assert time.monotonic() < deadline, "the object storage is not reached"
                time.sleep(0.2)
        yield {**keys, "PULUMI_BACKEND_URL": PLACE}
        storage = client(keys)
        for each in storage.list_objects_v2(Bucket="z-peak", Prefix="states/").get("Contents", []):
            storage.delete_object(Bucket="z-peak", Key=each["Key"])
    finally:
        forward.terminate()
        forward.wait(timeout=30)


@pytest.fixture
def away(lab: Lab) -> Iterator[str]:
    """A site whose cluster is somewhere else, so that its state may be anywhere."""
    site = lab.clone / "sites/away.yaml"
    text = (lab.clone / "sites/local.yaml").read_text()
    text = text.replace("name: local\n", "name: away\n")
    site.write_text(text.replace("kind: local ", "kind: local\n  context: nowhere "))
    try:
        yield "away"
    finally:
        site.unlink()
        (lab.clone / "stacks/Pulumi.away.yaml").unlink(missing_ok=True)


def shown_as_json(lab: Lab, more: dict[str, str], site: str) -> dict[str, Any]:
    code, shown = run(
        lab, more, str(lab.clone / ".venv/bin/sslab"), "state", "show", site, "--format", "json"
    )
    assert code == 0, shown
    found: dict[str, Any] = json.loads(shown)
    return found


def run(lab: Lab, more: dict[str, str], *words: str, stdin: str = "") -> tuple[int, str]:
    done = subprocess.run(
        words, cwd=lab.clone, env={**lab.environment, **more}, input=stdin, capture_output=True,
        text=True, check=False, timeout=300,
    )  # fmt: skip
    return done.returncode, done.stdout + done.stderr


def test_a_state_is_kept_in_the_object_storage(lab: Lab, away: str, tmp_path: Path) -> None:
    with in_object_storage(lab) as given:
        sslab = str(lab.clone / ".venv/bin/sslab")
        code, shown = run(lab, given, sslab, "secrets", "init", away)
        assert code == 0, shown
        told = shown_as_json(lab, given, away)
        assert told["url"] == PLACE
        assert (told["exists"], told["locks"], told["pending"]) == (True, [], 0)

        # a lock of another machine
        storage = client(given)
        key = f"states/.pulumi/locks/organization/ssl/{away}/0b0c.json"
        since = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        lock = {"pid": 4711, "username": "ann", "hostname": "deploy-1", "timestamp": since}
        storage.put_object(Bucket="z-peak", Key=key, Body=json.dumps(lock).encode())
        code, shown = run(lab, given, sslab, "state", "show", away)
        assert "Lock       locked by ann@deploy-1, process 4711, since " in shown
        code, shown = run(lab, given, sslab, "state", "unlock", away, "--yes")
        assert code == 1
        assert "younger than an hour" in shown
        code, shown = run(lab, given, sslab, "state", "unlock", away, stdin=f"{away}\n")
        assert code == 0, shown
        assert "released" in shown
        assert "Contents" not in storage.list_objects_v2(Bucket="z-peak", Prefix=key)

        moved = re.findall(r"^\$ (.*)$", moving(), re.MULTILINE)
        (tmp_path / "states").mkdir()
        new = f"file://{tmp_path}/states"
        script = re.sub(r'URL="[^"]*"', f"URL={new}", "; ".join(moved).replace("nyu", away))
        code, shown = run(lab, given, "bash", "-ec", script)
        (lab.clone / f"{away}.json").unlink()
        assert code == 0, shown
        told = shown_as_json(lab, {**given, "PULUMI_BACKEND_URL": new}, away)
        assert (told["url"], told["exists"]) == (new, True)

        wrong = {**given, "AWS_SECRET_ACCESS_KEY": "not-this"}
        code, shown = run(lab, wrong, sslab, "state", "show", away)
        assert code == 1
        assert "it refuses the credentials" in shown
    code, shown = run(lab, given, sslab, "state", "show", away)
    assert code == 1
    assert f"the state cannot be read at {PLACE}: it does not answer" in shown


def locked(keys: dict[str, str]) -> bool:
    listed = client(keys).list_objects_v2(Bucket="z-peak", Prefix="states/.pulumi/locks/")
    return any(each["Key"].endswith(".json") for each in listed.get("Contents", []))


def moving() -> str:
    page = (ROOT / "docs/state.md").read_text()
    return page.partition("### Moving it")[2].partition("```console\n")[2].partition("```")[0]


def test_the_lock_of_a_killed_deployment_is_released_there(
    lab: Lab, away: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = tmp_path / "project"
    project.mkdir()
    (project / "Pulumi.yaml").write_text(
        f"name: ssl\nruntime: {{name: python, options: {{virtualenv: {ROOT}/.venv}}}}\n"
        f"backend: {{url: '{PLACE}'}}\n"
    )
    (project / "__main__.py").write_text(PROGRAM)
    with in_object_storage(lab) as given:
        script = f'eval "$({lab.clone}/.venv/bin/sslab env {away})"; env -0'
        shown = run(lab, given, "bash", "-ec", script)[1]
        environment = dict(each.split("=", 1) for each in shown.split("\0") if "=" in each)
        environment.pop("PULUMI_BACKEND_URL")  # plain Pulumi takes it from the project's file
        environment["PULUMI_CONFIG_PASSPHRASE"] = "of this test"
        environment.pop("PULUMI_CONFIG_PASSPHRASE_FILE")

        def pulumi(*words: str, **more: str) -> subprocess.Popen[str]:
            return subprocess.Popen(
                ["pulumi", *words], cwd=project, env={**environment, **more}, text=True,
                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
                start_new_session=True,
            )  # fmt: skip

        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            monkeypatch.setenv(name, given[name])
        lock_folder.keep(PLACE, "ssl", away)  # as `sslab` does when it makes a stack
        made = pulumi("stack", "init", away, "--secrets-provider", "passphrase")
        assert made.wait(timeout=60) == 0, made.communicate()[0]
        site = load_site(lab.clone / "sites/away.yaml", lab.clone)
        stack = Stack(project, site, environment)
        deploying = pulumi("up", "-s", away, "--yes", "--skip-preview", SECONDS_TO_SLEEP="300")
        try:
            deadline = time.monotonic() + 120
            while not locked(given):  # `held` would take the lock itself for a moment
                assert time.monotonic() < deadline, "it never took the lock"
                time.sleep(0.2)
            assert [lock.alive for lock in stack.held()] == [True]
            with pytest.raises(EngineError, match=r"away is locked by root@.*still runs; wait"):
                stack.require_unlocked()
        finally:
            os.killpg(deploying.pid, signal.SIGKILL)
            deploying.wait(timeout=30)
        assert [lock.alive for lock in stack.held()] == [False]
        stack.require_unlocked()
        assert stack.held() == []
        again = pulumi("up", "-s", away, "--yes", "--skip-preview")
        output = again.communicate(timeout=120)[0]
        assert again.returncode == 0, output
        assert stack.outputs() == {"made": "here"}
        removed = pulumi("stack", "rm", away, "--yes", "--force", "--remove-backups")
        assert removed.wait(timeout=60) == 0
