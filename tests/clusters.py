"""Embedded clusters for tests, outside of any site: each in a folder of its own."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType
from typing import Any

from sslab.cluster.lifecycle import Cluster
from sslab.cluster.spec import CLUSTER_DOMAIN, ClusterSpec
from sslab.images import build, content
from sslab.images.unpacked import Unpacked
from sslab.paths import cache_dir
from sslab.progress import Progress
from sslab.toolchain import found, machine
from sslab.toolchain.build import Toolchain
from sslab.toolchain.programs import CLUSTER

ROOT = Path(__file__).parents[1]


@contextmanager
def embedded_cluster(
    folder: Path,
    name: str,
    images: Sequence[str] = (),
    domain: str = CLUSTER_DOMAIN,
    published: Mapping[int, int] = MappingProxyType({}),
) -> Iterator[ClusterSpec]:
    """Run a cluster that has these images of the repository, while the block runs.

    `published` maps ports of this machine's loopback to node ports.
    """
    progress = Progress()
    machine.ensure(progress)
    toolchain = Toolchain(ROOT / "toolchain", cache_dir())
    toolchain.ensure(toolchain.missing(CLUSTER), progress)
    programs, _ = found.cluster(toolchain)
    archives = build.ensure(
        ["pause", *images],
        repository=ROOT,
        cache=cache_dir(),
        progress=progress,
        extra_files={"pause": {"pause": programs["pause"]}},
    )
    cluster = Cluster(folder, name)
    try:
        yield cluster.start(
            programs,
            content.reference(ROOT, "pause"),
            Unpacked(archives, cache_dir()),
            published,
            progress,
            domain,
        )
    finally:
        cluster.delete()


def command(
    kubeconfig: Path, *words: str, stdin: str | None = None, timeout_s: float = 120
) -> subprocess.CompletedProcess[str]:
    """Run kubectl, which may fail."""
    program = found.cluster(Toolchain(ROOT / "toolchain", cache_dir()))[0]["kubectl"]
    return subprocess.run(
        [program, f"--kubeconfig={kubeconfig}", *words],
        input=stdin,
        capture_output=True,
        text=True,
        check=False,
        timeout=timeout_s,
    )


def kubectl(kubeconfig: Path, *words: str, stdin: str | None = None, timeout_s: float = 120) -> str:
    """Run kubectl; return what it prints. Raises AssertionError where it fails."""
    done = command(kubeconfig, *words, stdin=stdin, timeout_s=timeout_s)
    assert done.returncode == 0, f"kubectl {' '.join(words)}: {done.stderr}"
    return done.stdout


def apply(kubeconfig: Path, *objects: dict[str, Any]) -> None:
    """Apply objects as the cluster's administrator."""
    listed = {"apiVersion": "v1", "kind": "List", "items": list(objects)}
    kubectl(kubeconfig, "apply", "--server-side", "-f", "-", stdin=json.dumps(listed))


def listed(kubeconfig: Path, *words: str) -> list[dict[str, Any]]:
    """Return the items that `kubectl get` finds."""
    items: list[dict[str, Any]] = json.loads(kubectl(kubeconfig, "get", *words, "--output=json"))[
        "items"
    ]
    return items
