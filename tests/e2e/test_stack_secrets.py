"""The credentials of a stack with the real Pulumi, and without a cluster."""

from __future__ import annotations

import base64
import json
import os
import re
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import yaml

from sslab.paths import cache_dir
from tests.e2e.conftest import ROOT, Lab, copied_clone

pytestmark = pytest.mark.e2e

SITE = "chicago"
GIVEN = 'canary+/"given'
SECRET_OUTPUT = "canary-in-the-state"
SIGNATURE, SECRET = "4dabf18193072939515e22adb298388d", "1b47061264138c4ac30d75fd1eb44270"


class Stack(Lab):
    """A clone with a state of its own, where nothing is deployed."""

    more: dict[str, str]

    @property
    def environment(self) -> dict[str, str]:
        outside = {key: value for key, value in os.environ.items() if key[:7] != "PULUMI_"}
        return {**outside, "XDG_STATE_HOME": str(self.state), "COLUMNS": "200", **self.more}

    def secrets(self, *words: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [self.clone / ".venv/bin/sslab", "secrets", *words],
            cwd=self.clone, env=self.environment, input=stdin, capture_output=True, text=True,
            check=False, timeout=900,
        )  # fmt: skip

    def done(self, *words: str, stdin: str = "") -> str:
        done = self.secrets(*words, stdin=stdin)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def as_told(self, section: str) -> str:
        """Run the commands of a section of docs/secrets.md; return what they print."""
        page = (ROOT / "docs/secrets.md").read_text().partition(f"\n## {section}\n")[2]
        blocks = re.findall(r"```console\n(.*?)```", page.partition("\n## ")[0], re.DOTALL)
        commands = [re.sub(r"^\$ ", "", block, flags=re.MULTILINE) for block in blocks]
        assert commands
        done = self.run("bash", "-eo", "pipefail", "-c", "".join(commands))
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def pulumi(self, *words: str) -> str:
        script = f'eval "$(.venv/bin/sslab env {SITE})" && pulumi "$@"'
        done = self.run("bash", "-c", script, "pulumi", *words)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    @property
    def file(self) -> Path:
        return self.clone / f"stacks/Pulumi.{SITE}.yaml"

    @property
    def passphrase(self) -> Path:
        return self.state / "sslab/passphrases" / SITE

    @property
    def kept(self) -> Path:
        """The file of Pulumi's state."""
        return self.state / f"sslab/stacks/.pulumi/stacks/ssl/{SITE}.json"

    def give_it_a_state(self) -> None:
        """Let the state have a secret, as a deployment would."""
        urn = f"urn:pulumi:{SITE}::ssl::pulumi:pulumi:Stack::ssl-{SITE}"
        output = {SIGNATURE: SECRET, "plaintext": json.dumps(SECRET_OUTPUT)}
        exported = json.loads(self.pulumi("stack", "export", "-s", SITE))
        exported["deployment"]["resources"] = [
            {
                "urn": urn, "custom": False, "type": "pulumi:pulumi:Stack",
                "outputs": {"kubeconfig": output},
            }
        ]  # fmt: skip
        file = self.clone.parent / "state.json"
        file.write_text(json.dumps(exported))
        self.pulumi("stack", "import", "-s", SITE, "--file", str(file))
        file.unlink()


def stack(folder: Path, **more: str) -> Stack:
    made = Stack(copied_clone(folder), folder / "state", {})
    made.more = more
    return made


@pytest.fixture(scope="module")
def chicago(tmp_path_factory: pytest.TempPathFactory) -> Stack:
    """A stack with every credential, one of them given, and a secret in its state."""
    made = stack(tmp_path_factory.mktemp("secrets"))
    made.done("init", SITE)
    made.done("set", SITE, "s3-z-peak-secret-key", stdin=f"{GIVEN * 2}\n")
    made.give_it_a_state()
    return made


def values(of: Stack) -> dict[str, Any]:
    shown: dict[str, Any] = json.loads(of.pulumi("config", "--show-secrets", "--json", "-s", SITE))
    return shown


def test_a_given_value_is_there_as_it_was_given_and_nowhere_readable(chicago: Stack) -> None:
    assert chicago.done("show", SITE, "s3-z-peak-secret-key") == f"{GIVEN * 2}\n"
    assert "canary" not in chicago.file.read_text() + chicago.kept.read_text()
    listed = chicago.done("list", SITE)
    assert "canary" not in listed
    assert listed.count("\nok ") == 6


def test_a_wrong_value_changes_nothing_and_is_not_shown(chicago: Stack) -> None:
    before = chicago.file.read_bytes()
    refused = chicago.secrets("set", SITE, "s3-z-peak-secret-key", stdin="canary short")
    assert refused.returncode == 1
    assert "canary" not in refused.stdout + refused.stderr
    assert "expected are 16 or more printable ASCII characters" in refused.stderr
    assert chicago.file.read_bytes() == before


def test_new_values_are_made_for_those_that_are_named_alone(chicago: Stack) -> None:
    before = values(chicago)
    shown = chicago.done("rotate", SITE, "s3-admin-access-key", "s3-admin-secret-key")
    after = values(chicago)
    changed = {key for key in after if after[key] != before[key]}
    assert changed == {"ssl:s3-admin-access-key", "ssl:s3-admin-secret-key"}
    assert "it restarts: StatefulSet ssl-object-storage/object-storage\n" in shown
    assert f"commit stacks/Pulumi.{SITE}.yaml" in shown
    assert not any(after[key]["value"] in shown for key in changed)


def test_without_the_passphrase_nothing_is_made_up(chicago: Stack) -> None:
    aside = chicago.passphrase.with_name("aside")
    before = chicago.file.read_bytes()
    chicago.passphrase.rename(aside)
    try:
        for words in (("init", SITE), ("show", SITE, "x"), ("rotate", SITE, "--all")):
            refused = chicago.secrets(*words)
            assert refused.returncode == 1
            assert "its passphrase is not on this machine" in refused.stderr
            assert not chicago.passphrase.exists()
        chicago.passphrase.write_text("another one\n")
        refused = chicago.secrets("init", SITE)
        assert "is encrypted with another passphrase than that in" in refused.stderr
        assert refused.stderr.count("\n") == 1
    finally:
        aside.replace(chicago.passphrase)
    assert chicago.file.read_bytes() == before


def salt(text: str) -> str:
    found = re.search(r'(?:encryptionsalt: |"salt": ?")([^"\s]+)', text)
    return found.group(1) if found else ""


def appears(name: str) -> Callable[[Stack], bool]:
    return lambda of: of.passphrase.with_name(name).exists()


def another_salt(of: Stack, file: Path, before: str) -> bool:
    try:
        return salt(file.read_text()) not in ("", before)
    except FileNotFoundError:
        return False


MOMENTS: dict[str, Callable[[Stack, str], bool]] = {
    "file copied": lambda of, _: appears(f"{SITE}.stack-before")(of),
    "new passphrase kept": lambda of, _: appears(f"{SITE}.new")(of),
    "file encrypted": lambda of, before: another_salt(of, of.file, before),
    "state encrypted": lambda of, before: another_salt(of, of.kept, before),
}


@pytest.mark.parametrize("moment", MOMENTS)
def test_a_change_of_the_passphrase_that_is_killed_loses_nothing(
    chicago: Stack, moment: str
) -> None:
    everything, before = values(chicago), salt(chicago.file.read_text())
    process = subprocess.Popen(
        [chicago.clone / ".venv/bin/sslab", "secrets", "rotate", SITE, "--passphrase"],
        cwd=chicago.clone, env=chicago.environment, stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip
    deadline = time.monotonic() + 120
    while process.poll() is None and not MOMENTS[moment](chicago, before):
        assert time.monotonic() < deadline
    os.killpg(process.pid, signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL, "it had ended before"
    between = chicago.secrets("show", SITE, "s3-z-peak-secret-key")
    if between.returncode == 0:
        assert between.stdout == f"{GIVEN * 2}\n"
    else:
        assert "goes on with it; nothing is lost" in between.stderr
    chicago.done("rotate", SITE, "--passphrase")
    assert values(chicago) == everything
    assert SECRET_OUTPUT in chicago.pulumi("stack", "export", "--show-secrets", "-s", SITE)
    assert SECRET_OUTPUT not in chicago.kept.read_text()
    assert salt(chicago.file.read_text()) == salt(chicago.kept.read_text()) != before
    assert [each.name for each in chicago.passphrase.parent.iterdir()] == [SITE]
    assert chicago.passphrase.stat().st_mode & 0o777 == 0o600


def test_while_somebody_deploys_the_passphrase_stays(chicago: Stack) -> None:
    before, phrase = chicago.file.read_bytes(), chicago.passphrase.read_bytes()
    lock = chicago.kept.parents[2] / f"locks/organization/ssl/{SITE}/deploying.json"
    lock.parent.mkdir(parents=True, exist_ok=True)
    holder = {"pid": os.getpid(), "username": "root", "hostname": socket.gethostname()}
    # a lock that is older than the process with its number would be a dead one's
    lock.write_text(json.dumps({**holder, "timestamp": datetime.now(UTC).isoformat()}))
    try:
        refused = chicago.secrets("rotate", SITE, "--passphrase")
    finally:
        lock.unlink()
    assert refused.returncode == 1
    assert "locked" in refused.stderr
    assert (chicago.file.read_bytes(), chicago.passphrase.read_bytes()) == (before, phrase)
    assert [each.name for each in chicago.passphrase.parent.iterdir()] == [SITE]
    assert chicago.done("show", SITE, "s3-z-peak-secret-key") == f"{GIVEN * 2}\n"


def test_the_old_passphrase_opens_nothing_any_more(chicago: Stack) -> None:
    old = chicago.done("key", SITE).strip()
    chicago.done("rotate", SITE, "--passphrase")
    assert chicago.done("key", SITE).strip() != old
    chicago.more = {"PULUMI_CONFIG_PASSPHRASE": old}
    try:
        refused = chicago.secrets("show", SITE, "s3-z-peak-secret-key")
    finally:
        chicago.more = {}
    assert refused.returncode == 1
    assert "another passphrase than that in PULUMI_CONFIG_PASSPHRASE" in refused.stderr


class Vault(BaseHTTPRequestHandler):
    """Encrypts as HashiCorp Vault's transit engine does, as far as its client sees."""

    def do_PUT(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["content-length"])))
        if self.path == "/v1/transit/encrypt/ssl":
            data = {"ciphertext": f"vault:v1:{asked['plaintext'][::-1]}"}
        else:
            assert self.path == "/v1/transit/decrypt/ssl"
            data = {"plaintext": asked["ciphertext"].removeprefix("vault:v1:")[::-1]}
        body = json.dumps({"data": data}).encode()
        self.send_response(200)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_POST = do_PUT  # noqa: N815

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


@pytest.fixture
def vault() -> Iterator[dict[str, str]]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Vault)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield {
            "VAULT_SERVER_URL": f"http://127.0.0.1:{server.server_port}",
            "VAULT_SERVER_TOKEN": "token",
        }
    finally:
        server.shutdown()
        server.server_close()


def test_a_stack_that_a_key_service_encrypts_takes_no_passphrase(
    tmp_path: Path, vault: dict[str, str]
) -> None:
    made = stack(tmp_path, **vault)
    made.secrets("show", "nyu", "x")  # which lays the tools where `sslab env` leads
    made.as_told("A key service in place of a passphrase")
    document = yaml.safe_load(made.file.read_text())
    assert document["secretsprovider"] == "hashivault://ssl"
    assert base64.b64decode(document["encryptedkey"])
    assert made.done("list", SITE).count("\nok ") == 6
    made.done("set", SITE, "s3-z-peak-secret-key", stdin=GIVEN * 2)
    made.done("rotate", SITE, "s3-z-peak-access-key")
    assert made.done("show", SITE, "s3-z-peak-secret-key") == f"{GIVEN * 2}\n"
    for words in (("key", SITE), ("rotate", SITE, "--passphrase")):
        refused = made.secrets(*words)
        assert refused.returncode == 1
        assert "is encrypted by hashivault://ssl, without a passphrase" in refused.stderr
    # a machine whose state knows nothing of the stack yet
    made.kept.unlink()
    made.done("init", SITE)
    assert made.done("show", SITE, "s3-z-peak-secret-key") == f"{GIVEN * 2}\n"
    assert yaml.safe_load(made.file.read_text())["encryptedkey"] == document["encryptedkey"]
    assert not made.passphrase.exists()


GH = """#!/bin/sh
echo "$@" >> "$GH_CALLS"
case "$1" in secret) cat > "$GH_CALLS.$3" ;; esac
"""


def test_the_pages_commands_do_what_it_says(tmp_path: Path) -> None:
    calls = tmp_path / "gh"
    program = tmp_path / "bin/gh"
    program.parent.mkdir()
    program.write_text(GH)
    program.chmod(0o755)
    home = {"HOME": str(tmp_path), "XDG_CACHE_HOME": str(cache_dir().parent)}
    path = f"{program.parent}:{os.environ['PATH']}"
    made = stack(tmp_path, **home, PATH=path, GH_CALLS=str(calls))
    made.state = tmp_path / ".local/state"
    (made.clone / "secret-key.txt").write_text(f"{GIVEN * 2}\n")
    made.as_told("A new site")
    assert made.done("show", SITE, "s3-z-peak-secret-key") == f"{GIVEN * 2}\n"
    staged = made.run("git", "diff", "--cached", "--name-only").stdout
    assert staged == f"stacks/Pulumi.{SITE}.yaml\n"

    (made.clone / "kubeconfig").write_text("clusters: []\n")
    made.as_told("GitHub")
    passphrase = made.done("key", SITE)
    assert calls.read_text().splitlines() == [
        f"api --silent --method PUT repos/{{owner}}/{{repo}}/environments/{SITE}",
        f"secret set PULUMI_CONFIG_PASSPHRASE --env {SITE}",
        f"secret set KUBECONFIG --env {SITE}",
    ]
    assert calls.with_suffix(".PULUMI_CONFIG_PASSPHRASE").read_text() == passphrase
    assert calls.with_suffix(".KUBECONFIG").read_text() == "clusters: []\n"

    made.passphrase.unlink()
    (made.clone / "passphrase.txt").write_text(passphrase)
    made.as_told("Another machine")
    assert made.passphrase.stat().st_mode & 0o777 == 0o600
    assert made.done("key", SITE) == passphrase

    shown = made.as_told("A new passphrase")
    assert made.done("key", SITE) != passphrase
    assert f"sslab secrets key {SITE} | gh secret set PULUMI_CONFIG_PASSPHRASE" in shown
