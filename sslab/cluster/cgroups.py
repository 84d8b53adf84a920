"""The control groups under which a cluster's pods run, for cgroup v1 and v2."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

from sslab.cluster.spec import ClusterSpec

ROOT = Path("/sys/fs/cgroup")


def up(spec: ClusterSpec) -> None:
    """Make the cluster's group in every hierarchy; the kubelet does not make its root itself."""
    for group in _groups(spec):
        group.mkdir(exist_ok=True)
    if _v2():
        controllers = (ROOT / "cgroup.controllers").read_text().split()
        wanted = " ".join(f"+{name}" for name in controllers)
        for folder in (ROOT, ROOT / spec.namespace):
            with contextlib.suppress(OSError):  # a controller that is in use elsewhere stays so
                (folder / "cgroup.subtree_control").write_text(wanted)
        return
    for name in ("cpuset.cpus", "cpuset.mems"):
        parent = ROOT / "cpuset" / name
        if parent.exists():
            (ROOT / "cpuset" / spec.namespace / name).write_text(parent.read_text())


def processes(spec: ClusterSpec) -> set[int]:
    """Return the processes of the cluster's pods."""
    found: set[int] = set()
    for group in _groups(spec):
        for folder in _folders(group):
            with contextlib.suppress(OSError):  # gone meanwhile
                found.update(int(pid) for pid in (folder / "cgroup.procs").read_text().split())
    return found


def end(spec: ClusterSpec, grace_s: float) -> None:
    """End what runs in the cluster's groups: ask first, then insist."""
    deadline = time.monotonic() + grace_s
    _signal(processes(spec), signal.SIGTERM)
    while processes(spec) and time.monotonic() < deadline:
        time.sleep(0.1)
    for _ in range(50):
        left = processes(spec)
        if not left:
            return
        _signal(left, signal.SIGKILL)
        time.sleep(0.1)


def down(spec: ClusterSpec) -> None:
    """Remove the cluster's groups, the innermost first."""
    # the kubelet or runc may have made one in the hybrid layout's `unified` as well
    for group in (*_groups(spec), ROOT / "unified" / spec.namespace):
        for folder in sorted(_folders(group), reverse=True):
            with contextlib.suppress(OSError):
                folder.rmdir()


def _folders(group: Path) -> list[Path]:
    """Return a group and those inside it; they come and go, which `os.walk` takes calmly."""
    return [Path(folder) for folder, _, _ in os.walk(group)]


def _signal(pids: set[int], number: signal.Signals) -> None:
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)


def _v2() -> bool:
    return (ROOT / "cgroup.controllers").exists()


def _groups(spec: ClusterSpec) -> Iterator[Path]:
    """Yield the cluster's folder in each hierarchy (one, with cgroup v2)."""
    if _v2():
        yield ROOT / spec.namespace
        return
    for hierarchy in sorted(ROOT.iterdir()):
        # `unified` has no controllers in the hybrid layout; links are second names
        if hierarchy.is_dir() and not hierarchy.is_symlink() and hierarchy.name != "unified":
            yield hierarchy / spec.namespace
