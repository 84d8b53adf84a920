"""One laboratory for all end-to-end tests, in a copy of the clone with a state of its own."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from sslab.progress import Progress
from sslab.toolchain import machine

ROOT = Path(__file__).parents[2]
PORT = 18080
UP = (
    'eval "$(.venv/bin/sslab env local)" && pulumi up -s local --yes --skip-preview "$@"'
    " --policy-pack policies --non-interactive --color never --suppress-progress"
)
LEFT_OUT = shutil.ignore_patterns(
    ".venv", "*_cache", "__pycache__", "Pulumi.local.yaml", ".hypothesis"
)


def host_footprint() -> dict[str, Any]:
    """Return what an embedded cluster could leave behind on the machine."""

    def lines(*command: str) -> list[str]:
        shown = subprocess.run(command, capture_output=True, text=True, check=True)
        return sorted(
            line for line in shown.stdout.splitlines() if not line.startswith((":", "#", "*"))
        )

    mounts = Path("/proc/mounts").read_text().splitlines()
    return {
        "namespaces": lines("ip", "netns", "list"),
        "links": [link["ifname"] for link in json.loads("".join(lines("ip", "-j", "link")))],
        "iptables": lines("iptables-save"),
        "mounts": sorted(line.split()[1] for line in mounts),
        "cgroups": sorted(map(str, Path("/sys/fs/cgroup").glob("**/sslab-*"))),
        "run": sorted(map(str, Path("/run").glob("sslab-*"))),
    }


def processes_of(folder: Path) -> list[str]:
    """Return the command lines, zombies left out, that name a folder."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and int(entry.name) != os.getpid():
            try:
                words = (entry / "cmdline").read_bytes().decode(errors="replace")
            except OSError:
                continue
            if str(folder) in words:
                found.append(words.replace("\0", " ")[:200])
    return found


@dataclass
class Lab:
    """A copy of the clone, its state folder, and how commands are run in it."""

    clone: Path
    state: Path
    before: dict[str, Any]
    outputs: dict[str, str] = field(default_factory=dict)

    @property
    def environment(self) -> dict[str, str]:
        """The environment: the caller's, with the state elsewhere."""
        return {**os.environ, "XDG_STATE_HOME": str(self.state)}

    @property
    def home(self) -> Path:
        """Where the cluster is kept."""
        return self.state / "sslab" / "clusters" / "local"

    def run(self, *words: str, timeout_s: float = 900) -> subprocess.CompletedProcess[str]:
        """Run a command in the clone."""
        return subprocess.run(
            words,
            cwd=self.clone,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=timeout_s,
            stdin=subprocess.DEVNULL,
        )

    def sslab(self, *words: str, timeout_s: float = 600) -> subprocess.CompletedProcess[str]:
        """Run `sslab`."""
        return self.run(str(self.clone / ".venv/bin/sslab"), *words, timeout_s=timeout_s)

    def pulumi_up(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Deploy with plain Pulumi and the policy pack, and without smoke tests."""
        return self.run("bash", "-c", UP, "up", *words)

    def kubectl(self, *words: str, stdin: str | None = None, codes: tuple[int, ...] = (0,)) -> str:
        """Run kubectl as a reader of the README does."""
        done = subprocess.run(
            ["bash", "-c", 'eval "$(.venv/bin/sslab env)" && kubectl "$@"', "kubectl", *words],
            cwd=self.clone,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
            input=stdin,
            timeout=120,
        )
        assert done.returncode in codes, done.stderr
        return done.stdout

    def kubectl_diff(self, *words: str, stdin: str | None = None) -> str:
        """Return what `kubectl apply` of manifests would change."""
        return self.kubectl(
            "diff", "--server-side", "--force-conflicts", *words, stdin=stdin, codes=(0, 1)
        )

    def request(self, service: str, method: str, path: str, body: Any = None) -> httpx.Response:
        """Send a request through the ingress."""
        return httpx.request(
            method,
            f"http://127.0.0.1:{PORT}{path}",
            headers={"Host": f"{service}.ssl.localhost:{PORT}"},
            json=body,
            timeout=60,
            trust_env=False,
        )

    def answers(self, within_s: float) -> None:
        """Wait until the fitting service answers through the ingress again."""
        deadline = time.monotonic() + within_s
        last = ""
        while time.monotonic() < deadline:
            try:
                answer = self.request("fitting-service", "GET", "/readyz")
                if answer.status_code == 200:
                    return
                last = f"{answer.status_code} {answer.text[:200]}"
            except httpx.HTTPError as error:
                last = repr(error)
            time.sleep(0.5)
        raise AssertionError(f"no answer within {within_s} s: {last}")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put tests in order, and mark those that share a laboratory or a cloud.

    The session's laboratory is taken down after everything that needs it, and before several sites
    or a cloud come up: what is left on the machine then has to be what was there before. So nothing
    else may run beside these tests. Other files have clusters of their own and run side by side,
    each of them as a whole (`--dist loadfile`).
    """
    for item in items:
        ours = item.path.is_relative_to(Path(__file__).parent)
        shared = _shares("lab", item) or _shares("openstack_cloud", item)
        if ours and (shared or _several_sites(item)):
            item.add_marker(pytest.mark.alone)
    items.sort(key=_turn)


def _turn(item: pytest.Item) -> int:
    """Return when a test runs: with the laboratory, at its end, with several sites, on a cloud."""
    if _shares("openstack_cloud", item):
        return 3
    if _several_sites(item):
        return 2
    return int(item.nodeid.endswith("test_main_job.py::test_down_leaves_nothing"))


def _several_sites(item: pytest.Item) -> bool:
    """Tell whether a test has several clusters of its own, which take the whole machine."""
    return item.path.name.startswith("test_sites_")


def _shares(fixture: str, item: pytest.Item) -> bool:
    """Tell whether a test uses a fixture that is none of its own file."""
    used = fixture in getattr(item, "fixturenames", ())
    return used and not hasattr(getattr(item, "module", None), fixture)


def copied_clone(folder: Path) -> Path:
    """Make a copy of the clone in a folder, with the same virtual environment."""
    clone = folder / "ssl"
    shutil.copytree(ROOT, clone, ignore=LEFT_OUT, symlinks=True)
    (clone / ".venv").symlink_to(ROOT / ".venv")
    for file in ("pyproject.toml", "requirements.lock"):
        # else `make` there could clear the shared environment, and make it anew
        os.utime(clone / file, (0, 0))
    return clone


def copied(folder: Path, port: int) -> Lab:
    """Return a copy of the clone in a folder, with a state of its own and another ingress port."""
    clone = copied_clone(folder)
    site = clone / "sites/local.yaml"
    site.write_text(site.read_text().replace("port: 8080", f"port: {port}"))
    return Lab(clone, folder / "state", host_footprint())


@pytest.fixture(scope="session", autouse=True)
def programs() -> None:
    """Install what a cluster needs of the machine, and what the tests look at the machine with."""
    machine.ensure(Progress())


@pytest.fixture(scope="session")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """A laboratory that was interrupted while it came up, and finished by a second `make up`."""
    made = copied(tmp_path_factory.mktemp("e2e"), PORT)
    try:
        made.outputs["interrupted"] = _interrupted(made)
        finished = made.run("make", "up", timeout_s=5000)
        made.outputs["up"] = finished.stdout + finished.stderr
        assert finished.returncode == 0, made.outputs["up"][-6000:]
        yield made
    finally:
        made.run("make", "down", timeout_s=300)


def _interrupted(lab: Lab) -> str:
    """Start `make up` and press Ctrl-C while Pulumi creates objects."""
    log = lab.clone.parent / "interrupted.log"
    with log.open("w") as output:
        process = subprocess.Popen(
            ["make", "up"],
            cwd=lab.clone,
            env=lab.environment,
            stdout=output,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            # a runner in the background ignores Ctrl-C, and its children would inherit that
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
        )
        deadline = time.monotonic() + 4800
        while process.poll() is None and time.monotonic() < deadline:
            if "kubernetes:core/v1:Namespace" in log.read_text():
                os.killpg(process.pid, signal.SIGINT)
                break
            time.sleep(0.2)
        process.wait(timeout=300)
    return log.read_text()
