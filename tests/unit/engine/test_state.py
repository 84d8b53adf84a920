"""Where the state of a site is, and what is wrong with an address."""

from __future__ import annotations

import os
import stat
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from sslab.engine import lock_folder, state
from sslab.engine.environment import environment
from sslab.engine.errors import EngineError
from sslab.engine.stack import Stack
from sslab.paths import state_dir
from sslab.site.loading import load_site
from sslab.site.model import Site
from sslab.toolchain.build import Toolchain

ROOT = Path(__file__).parents[3]
LOCAL, NYU = (load_site(ROOT / f"sites/{name}.yaml") for name in ("local", "nyu"))
BUCKET = "s3://states?endpoint=https://s3.example.edu&s3ForcePathStyle=true"


@pytest.fixture(autouse=True)
def nothing_set(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.delenv(state.VARIABLE, raising=False)


def project(folder: Path, backend: str = "") -> Path:
    (folder / "Pulumi.yaml").write_text(f"name: ssl\nruntime: python\n{backend}")
    return folder


def configured(folder: Path, url: str) -> Path:
    return project(folder, f"backend:\n  url: {url}\n")


def test_it_is_on_this_machine_unless_something_is_set(tmp_path: Path) -> None:
    assert state.place(NYU, project(tmp_path)).url == f"file://{tmp_path}/state/sslab/stacks"


def test_the_projects_file_is_the_one_place(tmp_path: Path) -> None:
    where = state.place(NYU, configured(tmp_path, BUCKET))
    assert where == state.Place(BUCKET, "Pulumi.yaml: backend.url")


def test_the_variable_overrides_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(state.VARIABLE, "gs://others")
    assert state.place(NYU, configured(tmp_path, BUCKET)).url == "gs://others"


def test_the_shell_of_the_embedded_laboratory_overrides_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    toolchain = Toolchain(ROOT / "toolchain", tmp_path / "cache")
    for name, value in environment(LOCAL, toolchain).items():  # as `eval "$(sslab env)"` does
        monkeypatch.setenv(name, value)
    assert state.place(NYU, configured(tmp_path, BUCKET)).url == BUCKET


def test_an_embedded_clusters_state_stays_on_the_machine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(state.VARIABLE, "gs://others")
    assert state.place(LOCAL, configured(tmp_path, BUCKET)).url == state.own()


def test_the_environment_has_what_was_found(tmp_path: Path) -> None:
    configured(tmp_path, BUCKET)
    (tmp_path / "toolchain").symlink_to(ROOT / "toolchain")
    found = environment(NYU, Toolchain(tmp_path / "toolchain", tmp_path / "cache"))
    assert found[state.VARIABLE] == BUCKET


def test_a_relative_folder_is_the_repositorys(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "states").mkdir()
    monkeypatch.chdir("/")
    where = state.place(NYU, configured(tmp_path, "file://./states"))
    assert where.url == f"file://{tmp_path}/states"


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("ftp://example.edu", "'ftp://example.edu' is no place for a state; it can be one of file"),
        ("/var/states", "'/var/states' is no place for a state"),
        ("[s3]", "is no place for a state"),
        ("s3://", "'s3://' names nothing behind ://; write it like s3://bucket"),
        ("https://me:secret@example.edu", "there is a user or a password in the address"),
        ("file://", "there is no folder 'file://'; write it like file:///absolute/folder"),
        ("file:///nonesuch/states", "there is no folder /nonesuch/states; make it .* or mount"),
    ],
)
def test_a_wrong_address_is_one_message_with_the_field(
    url: str, message: str, tmp_path: Path
) -> None:
    with pytest.raises(EngineError, match=rf"^Pulumi.yaml: backend.url: .*{message}") as refusal:
        state.place(NYU, configured(tmp_path, url))
    assert "secret" not in str(refusal.value)


def test_a_project_file_that_cannot_be_read_is_told_so(tmp_path: Path) -> None:
    with pytest.raises(EngineError, match=r"Pulumi.yaml cannot be read"):
        state.place(NYU, project(tmp_path, "backend: [\n"))


# as Pulumi 3.259 said it of such places
SAID = {
    'read ".pulumi/meta.yaml": blob (code=Unknown): operation error S3: GetObject, get identity: '
    "get credentials: failed to refresh cached credentials, no EC2 IMDS role found, operation "
    "error ec2imds: GetMetadata, http response error StatusCode: 403": "AWS_ACCESS_KEY_ID",
    'read ".pulumi/meta.yaml": operation error S3: GetObject, resolve auth scheme: resolve '
    "endpoint: endpoint rule error, Invalid region: region was not a valid DNS name.": "AWS_REGION",
    'read ".pulumi/meta.yaml": operation error S3: GetObject, exceeded maximum number of '
    "attempts, 3, https response error StatusCode: 0, request send failed, dial tcp 127.0.0.1:1: "
    "connect: connection refused": "it does not answer",
    "missing google credentials: unable to find gcp credentials": "gcloud auth application-default",
    'unable to open bucket "azblob://x": azureblob: Options.AccountName is required': "AZURE_",
    "PULUMI_ACCESS_TOKEN must be set for login during non-interactive CLI sessions": "set PULUMI_",
    'performing HTTP request: Get "https://127.0.0.1:1/api/user": dial tcp: connection refused': ""
    "it does not answer",
}


@pytest.mark.parametrize("said", SAID)
def test_a_place_that_cannot_be_used_is_one_message(said: str, tmp_path: Path) -> None:
    (tmp_path / "said").write_text(f"error: {said}\n")
    stack = pulumi(tmp_path, NYU, f"cat {tmp_path}/said >&2; exit 255", BUCKET)
    with pytest.raises(EngineError) as refusal:
        stack.summary()
    told = str(refusal.value)
    assert told.startswith(f"the state cannot be read at {BUCKET}: ")
    assert SAID[said] in told
    assert "backend.url" in told


def test_a_cluster_that_does_not_answer_is_something_else() -> None:
    said = 'Get "https://192.0.2.1:6443/api/v1/namespaces": dial tcp: connect: connection refused'
    assert state.unusable(said, BUCKET) is None


def pulumi(folder: Path, site: Site, script: str, url: str) -> Stack:
    program = folder / "bin/pulumi"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\necho "$@" >> {folder}/calls\n{script}\n')
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    path = f"{program.parent}:{os.environ['PATH']}"
    return Stack(folder, site, {"PATH": path, state.VARIABLE: url})


def test_no_pulumi_is_one_message(tmp_path: Path) -> None:
    stack = Stack(tmp_path, NYU, {"PATH": str(tmp_path), state.VARIABLE: BUCKET})
    with pytest.raises(EngineError, match="there is no Pulumi yet; `sslab up nyu` gets it"):
        stack.summary()


def test_a_stack_elsewhere_is_removed_by_pulumi(tmp_path: Path) -> None:
    script = """case "$1 $2" in
"stack ls") echo '[{"name": "organization/ssl/nyu"}]' ;;
"stack rename") echo "error: a stack named nyu already exists" >&2; exit 255 ;;
esac"""
    stack = pulumi(tmp_path, NYU, script, "gs://states")
    stack.remove()
    calls = (tmp_path / "calls").read_text().splitlines()
    assert calls[-1] == "stack rm --yes --remove-backups --stack nyu --non-interactive"
    assert not any("--force" in call for call in calls), "what has resources is not forgotten"


def test_the_folder_of_locks_is_kept_from_being_empty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "key")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    asked: list[str] = []

    class Storage(BaseHTTPRequestHandler):
        def do_PUT(self) -> None:
            asked.append(f"{self.command} {self.path}")
            self.send_response(200 if "/refused/" not in self.path else 403)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Storage) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        endpoint = f"endpoint=127.0.0.1:{server.server_port}&disableSSL=true"
        lock_folder.keep(f"s3://states/of/all?{endpoint}", "ssl", "nyu")
        with pytest.raises(EngineError, match=r"cannot be written: .*403.*docs/state"):
            lock_folder.keep(f"s3://refused?{endpoint}", "ssl", "nyu")
        lock_folder.keep("s3://amazons?region=us-east-2", "ssl", "nyu")
        server.shutdown()
    assert asked[0] == "PUT /states/of/all/.pulumi/locks/organization/ssl/nyu/folder/kept"


def test_an_embedded_stack_is_removed_and_its_namesakes_are_not(tmp_path: Path) -> None:
    kept = state_dir() / "stacks/.pulumi"
    files = [
        "stacks/ssl/{}.json",
        "stacks/ssl/{}.json.bak",
        "history/ssl/{}/{}-1.history.json",
        "backups/ssl/{}/{}.1.json",
        "locks/organization/ssl/{}/x.json",
    ]
    for name in ("local", "local-two"):
        for file in files:
            path = kept / file.format(name, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch()
    Stack(tmp_path, LOCAL, {"PATH": "", state.VARIABLE: state.own()}).remove()
    left = {str(path.relative_to(kept)) for path in kept.rglob("*") if path.is_file()}
    assert left == {file.format("local-two", "local-two") for file in files}
