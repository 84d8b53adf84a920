"""Secrets on the running laboratory: where none may be seen, and that new ones reach the pods."""

from __future__ import annotations

import base64
import contextlib
import json
import re
import secrets
import string
import subprocess
import threading
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from tests.e2e.conftest import PORT, ROOT, Lab

pytestmark = pytest.mark.e2e

IDENTITIES = ("admin", "fitting-service", "z-peak")
LETTERS = string.ascii_uppercase + string.digits
LARGEST = 20_000_000
"""Bytes of a file that is looked into: more have programs only."""


def canary(key: str) -> str:
    """Return a value for a key that is found nowhere else, and that encodings change."""
    if key.endswith("access-key"):
        return "CANARY" + "".join(secrets.choice(LETTERS) for _ in range(14))
    return f'Canary+/"{secrets.token_hex(16)}'


def forms(value: str) -> list[bytes]:
    """Return how a value may be written: as it is, in base64 at any place, escaped."""
    escaped = json.dumps(value)[1:-1]
    found = {value, escaped, quote(value), quote(value, safe=""), value.encode().hex()}
    for text in (value, escaped):
        for before in range(3):
            for encode in (base64.b64encode, base64.urlsafe_b64encode):
                encoded = encode(b"x" * before + text.encode()).decode()
                # the letters at the ends depend on what stands beside it
                found.add(encoded[(0, 2, 3)[before] : -4])
    return sorted(each.encode() for each in found)


@dataclass
class Search:
    """Values that must not be seen, and what was found of them so far."""

    values: Mapping[str, str]
    looked_at: dict[str, int] = field(default_factory=dict)

    def in_text(self, name: str, text: bytes | str) -> list[str]:
        """Return which values are in a text; it counts as looked at."""
        content = text.encode() if isinstance(text, str) else text
        self.looked_at[name] = len(content)
        return [
            f"{key} in {name}"
            for key, value in self.values.items()
            if any(form in content for form in forms(value))
        ]

    def in_files(self, files: Iterable[Path]) -> list[str]:
        """Return which values are in files."""
        found = []
        for file in files:
            if file.is_file() and not file.is_symlink() and file.stat().st_size < LARGEST:
                found += self.in_text(str(file), file.read_bytes())
        return found


class Watch:
    """Notes the command lines of all processes, and the new files under /tmp, while it runs."""

    def __init__(self) -> None:
        self.commands: set[bytes] = set()
        self.files: dict[Path, bytes] = {}
        self._before = set(self._temporary())
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> Watch:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._end.set()
        self._thread.join()

    def _run(self) -> None:
        seen: dict[Path, tuple[int, int]] = {}
        while not self._end.wait(0.05):
            for process in Path("/proc").iterdir():
                if process.name.isdigit():
                    with contextlib.suppress(OSError):
                        self.commands.add((process / "cmdline").read_bytes())
            for file in self._temporary():
                with contextlib.suppress(OSError):
                    now = file.stat()
                    if file in self._before or now.st_size > LARGEST:
                        continue
                    if seen.get(file) != (state := (now.st_size, now.st_mtime_ns)):
                        seen[file] = state
                        self.files[file] = file.read_bytes()

    @staticmethod
    def _temporary() -> Iterator[Path]:
        """Yield files of programs under /tmp: the engine's log, and what a provider writes."""
        for pattern in ("*", "tmp*/*", "pulumi*/*"):
            with contextlib.suppress(OSError):
                yield from (each for each in Path("/tmp").glob(pattern) if each.is_file())


@dataclass
class Planted:
    """The laboratory with values that can be recognised, and what it said on the way."""

    lab: Lab
    search: Search
    watch: Watch
    said: dict[str, str] = field(default_factory=dict)

    def run(self, *words: str) -> None:
        """Run a command in the shell that the README prepares, and keep what it says."""
        script = 'eval "$(.venv/bin/sslab env local)" && "$@"'
        done = self.lab.run("bash", "-c", script, "run", *words)
        name = " ".join(words)
        assert done.returncode == 0, f"{name}: {done.stdout[-2000:]}{done.stderr[-2000:]}"
        self.said[name] = done.stdout + done.stderr


def sslab(lab: Lab, *words: str, stdin: str | None = None) -> str:
    done = subprocess.run(
        [lab.clone / ".venv/bin/sslab", *words],
        cwd=lab.clone, env=lab.environment, input=stdin or "", capture_output=True, text=True,
        check=False, timeout=900,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return done.stdout + done.stderr


@pytest.fixture(scope="module")
def planted(lab: Lab) -> Planted:
    """Every credential of the site has been given a value of ours, and is deployed."""
    values = {
        key: canary(key)
        for of in IDENTITIES
        for key in (f"s3-{of}-access-key", f"s3-{of}-secret-key")
    }
    passphrase = (lab.state / "sslab/passphrases/local").read_text().strip()
    with Watch() as watch:
        made = Planted(lab, Search({**values, "the passphrase": passphrase}), watch)
        for key, value in values.items():
            made.said[f"set {key}"] = sslab(lab, "secrets", "set", "local", key, stdin=value)
        made.said["up"] = sslab(lab, "up", "local", "--yes")
    return made


def test_what_is_looked_for_would_be_found(planted: Planted) -> None:
    """Else the tests below would pass whatever was there."""
    lab, wanted = (
        planted.lab,
        {f"s3-{of}-{half}-key" for of in IDENTITIES for half in ("access", "secret")},
    )
    live = lab.kubectl("get", "secrets", "-A", "-o", "json")
    in_cluster = Search(planted.search.values).in_text("live", live)
    assert {each.split()[0] for each in in_cluster} == wanted
    shown = sslab(lab, "secrets", "show", "local", "s3-z-peak-secret-key")
    assert Search(planted.search.values).in_text("shown", shown)
    state = lab.run(
        "bash", "-c", 'eval "$(.venv/bin/sslab env)" && pulumi stack export --show-secrets -s local'
    )
    assert {
        each.split()[0] for each in Search(planted.search.values).in_text("", state.stdout)
    } == wanted
    value = planted.search.values["s3-z-peak-secret-key"]
    for form in forms(value):
        assert Search({"k": value}).in_text("", b"before " + form + b" after")
    for before in ("", "a", "ab"):
        encoded = base64.b64encode(f"{before}{value}{before}".encode())
        assert Search({"k": value}).in_text("", encoded)
    with Watch() as watch:
        subprocess.run(["/bin/sh", "-c", "sleep 1; :", value], check=True)
    assert Search({"k": value}).in_text("", b"\n".join(watch.commands))


def test_no_command_line_and_no_temporary_file_has_one(planted: Planted) -> None:
    watch = planted.watch
    lines = b"\n".join(watch.commands)
    for known in (
        b"secrets\0set\0local\0s3-z-peak-secret-key",
        b"config\0set\0--secret",
        b"pulumi\0up",
    ):
        assert known in lines, "it was not looked at while something happened"
    assert any(file.name == "events" for file in watch.files), "the engine's log was not seen"
    found = planted.search.in_text("command lines", lines)
    for file, content in watch.files.items():
        found += planted.search.in_text(str(file), content)
    assert found == []


def test_no_command_prints_one(planted: Planted) -> None:
    planted.run("sslab", "plan", "local")
    planted.run("sslab", "plan", "local", "--against", "HEAD", "--format", "markdown")
    planted.run("sslab", "plan", "local", "--format", "json")
    planted.run("sslab", "check", "local")
    planted.run("sslab", "check", "local", "--format", "json")
    planted.run("sslab", "secrets", "list", "local")
    planted.run("sslab", "secrets", "list", "local", "--format", "json")
    planted.run("sslab", "cluster", "logs", "local", "--lines", "2000")
    planted.run("pulumi", "preview", "-s", "local", "--diff", "--refresh", "--non-interactive")
    planted.run("pulumi", "preview", "-s", "local", "--json", "--show-sames")
    planted.run("pulumi", "stack", "export", "-s", "local")
    planted.run("pulumi", "stack", "output", "-s", "local", "--json")
    planted.run("pulumi", "stack", "history", "-s", "local", "--json")
    planted.run("pulumi", "config", "-s", "local", "--json")
    found = []
    for name, text in planted.said.items():
        assert text.strip(), name
        found += planted.search.in_text(name, text)
    assert found == []


def test_no_object_but_the_secrets_has_one_and_no_log_tells_one(planted: Planted) -> None:
    lab, search = planted.lab, planted.search
    kinds = "pods,deployments,statefulsets,replicasets,controllerrevisions,jobs,configmaps,events"
    found = search.in_text("objects", lab.kubectl("get", kinds, "-A", "-o", "yaml"))
    pods = json.loads(lab.kubectl("get", "pods", "-A", "-o", "json"))["items"]
    assert len(pods) >= 4
    for pod in pods:
        name = pod["metadata"]["name"]
        logs = lab.kubectl("logs", "-n", pod["metadata"]["namespace"], name, "--all-containers")
        found += search.in_text(f"log of {name}", logs)
    found += search.in_files((lab.home / "logs").rglob("*"))
    assert found == []


def test_no_file_of_pulumi_has_one(planted: Planted) -> None:
    kept = planted.lab.state / "sslab"
    home = [each for each in (kept / "pulumi").rglob("*") if "bin" not in each.parts]
    found = planted.search.in_files([*(kept / "stacks").rglob("*"), *home])
    found += planted.search.in_files((planted.lab.clone / "stacks").rglob("*"))
    assert any(name.endswith("stacks/ssl/local.json") for name in planted.search.looked_at)
    assert any("/history/" in name for name in planted.search.looked_at)
    assert found == []


def test_nothing_that_is_committed_has_one(planted: Planted, tmp_path: Path) -> None:
    clone = planted.lab.clone
    planted.run("sslab", "render", "local", "-o", str(tmp_path / "rendered"))
    git = (
        "git",
        "-c",
        "user.name=test",
        "-c",
        "user.email=test@example.edu",
        "-C",
        str(tmp_path / "git"),
    )
    subprocess.run(["git", "clone", "--quiet", clone, tmp_path / "git"], check=True)
    subprocess.run(
        ["cp", "-r", clone / "sites", clone / "stacks", tmp_path / "rendered", tmp_path / "git"],
        check=True,
    )
    subprocess.run([*git, "add", "--force", "."], check=True)
    subprocess.run([*git, "commit", "--quiet", "--message", "everything"], check=True)
    listed = subprocess.run([*git, "ls-files"], check=True, capture_output=True, text=True).stdout
    assert "stacks/Pulumi.local.yaml" in listed
    assert "rendered/kustomization.yaml" in listed
    objects = subprocess.run(
        [*git, "cat-file", "--batch", "--batch-all-objects"], check=True, capture_output=True
    ).stdout
    assert b"encryptionsalt: " in objects
    assert planted.search.in_text("git", objects) == []


def curl(pair: tuple[str, str], path: str, *words: str) -> tuple[int, str]:
    """Send a signed request to the object storage; return its status and what it answers."""
    user = ":".join(pair).replace("\\", "\\\\").replace('"', '\\"')
    done = subprocess.run(
        [
            "curl", "--silent", "--noproxy", "*", "--aws-sigv4", "aws:amz:us-east-1:s3",
            "--config", "-", "--write-out", "\n%{http_code}", *words,
            f"http://s3.ssl.localhost:{PORT}/{path}",
        ],
        input=f'user = "{user}"', capture_output=True, text=True, check=True, timeout=60,
    )  # fmt: skip
    text, _, status = done.stdout.rpartition("\n")
    return int(status), text


def pair(lab: Lab, identity: str) -> tuple[str, str]:
    shown = [
        lab.sslab("secrets", "show", "local", f"s3-{identity}-{half}-key").stdout.strip()
        for half in ("access", "secret")
    ]
    return shown[0], shown[1]


def pod(lab: Lab, namespace: str, name: str) -> tuple[str, str]:
    """Return which pod it is, and the hash of its secrets."""
    found = json.loads(
        lab.kubectl(
            "get", "pods", "-n", namespace, "-l", f"app.kubernetes.io/name={name}", "-o", "json"
        )
    )["items"]
    (one,) = [each for each in found if "deletionTimestamp" not in each["metadata"]]
    metadata: dict[str, Any] = one["metadata"]
    return metadata["uid"], metadata["annotations"]["ssl/secrets"]


def test_a_new_key_pair_reaches_the_pods_and_the_old_one_opens_nothing(planted: Planted) -> None:
    lab = planted.lab
    old, fitting = pair(lab, "z-peak"), pair(lab, "fitting-service")
    assert old[0] == planted.search.values["s3-z-peak-access-key"]
    assert curl(old, "z-peak/kept.txt", "--upload-file", str(ROOT / "LICENSE"))[0] == 200
    storage, service = (
        pod(lab, "ssl-object-storage", "object-storage"),
        pod(lab, "fitting-service", "fitting-service"),
    )

    page = (ROOT / "docs/secrets.md").read_text().partition("## New credentials")[2]
    rotate, up = re.findall(
        r"^\$ (.*)$", page.partition("```console\n")[2].partition("```")[0], re.M
    )
    rotated = lab.run("bash", "-c", rotate)
    assert rotated.returncode == 0, rotated.stderr
    assert "it restarts: StatefulSet ssl-object-storage/object-storage" in rotated.stdout
    assert curl(old, "z-peak/kept.txt")[0] == 200, "nothing changes before it is deployed"
    done = lab.run("bash", "-c", up)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "FAILED" not in done.stdout

    new = pair(lab, "z-peak")
    assert set(new).isdisjoint(old)
    after = pod(lab, "ssl-object-storage", "object-storage")
    assert after[0] != storage[0]
    assert after[1] != storage[1]
    assert pod(lab, "fitting-service", "fitting-service") == service, "its own keys are the same"
    assert curl(old, "z-peak/kept.txt")[0] == 403
    assert curl(new, "z-peak/kept.txt") == (200, (ROOT / "LICENSE").read_text())
    assert curl(fitting, "z-peak/kept.txt")[0] == 403
    live = lab.kubectl(
        "get", "secret", "z-peak-s3", "-n", "z-peak", "-o", "jsonpath={.data.access-key}"
    )
    assert base64.b64decode(live).decode() == new[0]


def test_a_new_passphrase_changes_nothing_that_runs(planted: Planted) -> None:
    lab = planted.lab
    before = pair(lab, "z-peak")
    shown = lab.sslab("secrets", "rotate", "local", "--passphrase")
    assert shown.returncode == 0, shown.stderr
    assert planted.search.in_text("rotate", shown.stdout + shown.stderr) == []
    assert lab.sslab("secrets", "key", "local").stdout.strip() not in shown.stdout + shown.stderr
    assert pair(lab, "z-peak") == before
    script = 'eval "$(.venv/bin/sslab env)" && pulumi up -s local --yes --expect-no-changes'
    done = lab.run("bash", "-c", script)
    assert done.returncode == 0, done.stdout + done.stderr
