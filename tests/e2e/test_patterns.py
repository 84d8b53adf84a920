"""Every pattern in one laboratory on this machine: its number, and what is killed meanwhile."""

from __future__ import annotations

import json
import random
import subprocess
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import yaml

from sslab.catalogue.loading import load_contracts
from tests.e2e.conftest import ROOT, Lab, copied_clone, host_footprint

pytestmark = pytest.mark.e2e

SITE = "local-full"
SEED = 20190622
KILL_EACH_S = 8.0
KILLS = 2
"""How many pods of each pattern are killed: fewer than its Jobs try again."""


def patterns_here() -> set[str]:
    """Return the patterns that can run on this machine: no published chart is reached from it."""
    return {name for name, each in load_contracts(ROOT).items() if not each.charts}


class Full(Lab):
    """The laboratory with every pattern."""

    def up(self) -> subprocess.CompletedProcess[str]:
        """Bring it up as its page says."""
        return self.sslab("up", SITE, "--yes", timeout_s=1800)

    def checks(self) -> dict[str, list[dict[str, Any]]]:
        """Return what the smoke tests find, by pattern."""
        done = self.sslab("check", SITE, "--format", "json")
        assert done.stdout.startswith("{"), done.stderr
        found: dict[str, list[dict[str, Any]]] = {}
        for check in json.loads(done.stdout)["checks"]:
            found.setdefault(check["pattern"], []).append(check)
        return found

    def pods(self, pattern: str) -> list[str]:
        """Return the names of a pattern's pods that run."""
        shown = self.kubectl(
            *("get", "pods", f"--namespace={pattern}", "--field-selector=status.phase=Running"),
            *("--output=jsonpath={.items[*].metadata.name}",),
        )
        return shown.split()

    def kubectl(self, *words: str, stdin: str | None = None, codes: tuple[int, ...] = (0,)) -> str:
        """Run kubectl on the laboratory's cluster."""
        script = f'eval "$(.venv/bin/sslab env {SITE})" && kubectl "$@"'
        done = subprocess.run(
            ["bash", "-c", script, "kubectl", *words],
            cwd=self.clone, env=self.environment, capture_output=True, text=True, check=False,
            input=stdin, timeout=120,
        )  # fmt: skip
        assert done.returncode in codes, done.stderr
        return done.stdout

    def give(self, memory: Mapping[str, str]) -> None:
        """Give patterns this memory in the site file, and no other setting."""
        file = self.clone / "sites" / f"{SITE}.yaml"
        document = yaml.safe_load(file.read_text())
        document["patterns"] |= {pattern: {"memory": much} for pattern, much in memory.items()}
        file.write_text(yaml.safe_dump(document, sort_keys=False))


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Full]:
    folder = tmp_path_factory.mktemp("full")
    made = Full(copied_clone(folder), folder / "state", host_footprint())
    file = made.clone / "sites" / f"{SITE}.yaml"
    # the port of the ingress, and with it that of the issuer
    file.write_text(file.read_text().replace("8090", "18390"))
    try:
        done = made.up()
        made.outputs["up"] = done.stdout + done.stderr
        assert done.returncode == 0, made.outputs["up"][-6000:]
        yield made
    finally:
        made.sslab("destroy", SITE, "--yes", timeout_s=300)


def test_every_pattern_shows_its_number(full: Full) -> None:
    checks = full.checks()
    assert set(checks) == patterns_here()
    for pattern, found in checks.items():
        assert found, pattern
        assert all(check["passed"] for check in found), found


def test_up_shows_the_numbers_too(full: Full) -> None:
    for pattern in patterns_here():
        assert f"ok  {pattern} " in full.outputs["up"]


def test_another_up_changes_nothing(full: Full) -> None:
    script = (
        f'eval "$(.venv/bin/sslab env {SITE})" && pulumi up -s {SITE} --yes --skip-preview'
        " --refresh --expect-no-changes --non-interactive"
    )
    done = full.run("bash", "-c", script)
    assert done.returncode == 0, done.stdout + done.stderr


def test_results_are_kept_and_listed(full: Full) -> None:
    shown = full.sslab("results", "--site", SITE, "--format", "json")
    assert shown.returncode == 0, shown.stderr
    text = shown.stdout
    for pattern in patterns_here():
        assert f'"{pattern}"' in text, pattern
    plot = full.clone / "results.png"
    drawn = full.sslab("results", "--site", SITE, "--pattern", "z-peak", "--plot", str(plot))
    assert drawn.returncode == 0, drawn.stderr
    assert plot.read_bytes().startswith(b"\x89PNG")


@contextmanager
def meanwhile(work: Callable[[threading.Event], None]) -> Iterator[None]:
    """Do something else in a thread while the block runs; it is told when the block has ended."""
    ended = threading.Event()
    with ThreadPoolExecutor(1) as pool:
        doing = pool.submit(work, ended)
        try:
            yield
        finally:
            ended.set()
        doing.result()


def kill(full: Full, namespaces: Sequence[str], killed: list[str], ended: threading.Event) -> None:
    """Kill pods in the namespaces, one every few seconds and a few of each."""
    choice = random.Random(SEED)
    left = [*namespaces] * KILLS
    while left and not ended.wait(KILL_EACH_S):
        namespace = choice.choice(left)
        pods = full.pods(namespace)
        if pods:
            left.remove(namespace)
            pod = choice.choice(pods)
            words = ("delete", "pod", pod, f"--namespace={namespace}", "--grace-period=0")
            full.kubectl(*words, "--force", "--wait=false", codes=(0, 1))
            killed.append(pod)


def drain(full: Full, patterns: Sequence[str], sent: list[str], ended: threading.Event) -> None:
    """Send the patterns' pods away from the node, once all have some; then let it take new ones.

    `sent` gets a line for each of the pods.
    """
    while not all(full.pods(pattern) for pattern in patterns):
        if ended.wait(0.2):
            return
    node = full.kubectl("get", "nodes", "--output=name").strip()
    names = ",".join((*patterns, *(f"{each}-workers" for each in patterns)))
    sent += full.kubectl(
        *("drain", node, f"--pod-selector=app.kubernetes.io/name in ({names})", "--force"),
        *("--ignore-daemonsets", "--delete-emptydir-data", "--grace-period=5", "--timeout=90s"),
    ).splitlines()
    ended.wait(5)
    full.kubectl("uncordon", node)


def done_again(full: Full, memory: Mapping[str, str]) -> None:
    """Let patterns do their work again with other memory, and assert that all numbers are right."""
    full.give(memory)
    done = full.up()
    assert done.returncode == 0, (done.stdout + done.stderr)[-6000:]
    checks = full.checks()
    for pattern in memory:
        assert checks[pattern], pattern
        assert all(check["passed"] for check in checks[pattern]), checks[pattern]
    assert full.pods("event-processing") == [], "workers are gone when the work is"


@pytest.mark.long
def test_killed_pods_and_a_restarted_storage_change_no_number(full: Full) -> None:
    small = ("fan-out", "event-processing", "hyperparameter-search")
    memory = {**dict.fromkeys(small, "448Mi"), "reinterpretation": "800Mi"}
    killed: list[str] = []
    with meanwhile(partial(kill, full, (*memory, "ssl-object-storage"), killed)):
        done_again(full, memory)
    assert any(each.startswith("object-storage") for each in killed), killed
    assert len({each.partition("-")[0] for each in killed}) >= 3, killed


@pytest.mark.long
def test_a_drained_node_changes_no_number(full: Full) -> None:
    patterns, sent = ("fan-out", "event-processing"), list[str]()
    with meanwhile(partial(drain, full, patterns, sent)):
        done_again(full, dict.fromkeys(patterns, "464Mi"))
    for pattern in patterns:
        assert any(each.startswith(f"pod/{pattern}-") for each in sent), sent


def test_it_goes_away_with_its_data(full: Full) -> None:
    done = full.sslab("destroy", SITE, "--yes", timeout_s=300)
    assert done.returncode == 0, done.stderr
    assert not Path(full.state / "sslab/clusters" / SITE).exists()
