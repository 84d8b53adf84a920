"""What a cluster has left on the machine when its supervisor is gone."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from pathlib import Path

from sslab.cluster.shell import quiet
from sslab.cluster.spec import ClusterSpec


def end_stragglers(spec: ClusterSpec) -> None:
    """End what outlived supervisor: shims, and processes of one that was killed."""
    marks = (f"{spec.run_dir}/", f"{spec.home_dir}/")
    for _ in range(100):
        found = [
            int(path.name)
            for path in Path("/proc").iterdir()
            if path.name.isdigit() and int(path.name) != os.getpid() and _owned(path, marks)
        ]
        if not found:
            return
        for pid in found:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        time.sleep(0.1)


def _owned(process: Path, marks: tuple[str, ...]) -> bool:
    """Tell whether a process is one of the cluster's own programs, by its command line."""
    try:
        words = (process / "cmdline").read_bytes().decode(errors="replace").split("\0")
    except OSError:
        return False
    program = Path(words[0]).name
    ours = program in {"containerd", "etcd", "sh", "socat", "coredns"} or program.startswith(
        ("containerd-shim", "kube", "local-path", "python", "supervisord")
    )
    return ours and any(mark in word for mark in marks for word in words)


def unmount(spec: ClusterSpec) -> None:
    """Unmount what pods left mounted under the cluster's folders, the innermost first."""
    prefixes = (f"{spec.home_dir}/", f"{spec.run_dir}/")
    points = [line.split()[1] for line in Path("/proc/mounts").read_text().splitlines()]
    for point in sorted((p for p in points if p.startswith(prefixes)), reverse=True):
        quiet(["umount", "-l", point.replace("\\040", " ")])
