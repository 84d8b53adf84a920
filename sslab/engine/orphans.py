"""What a killed Pulumi leaves running: its providers, the program, the policies.

They wait for an engine that is gone, some of them for minutes, and some still hold on to a cluster.
"""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Iterator, Sequence
from pathlib import Path

PROC = Path("/proc")
ENGINE = "pulumi"


def end(folders: Sequence[Path]) -> int:
    """End processes that run something in one of the folders and belong to no engine.

    Returns how many there were; 0 where the machine has no /proc.
    """
    found = list(_orphans(folders))
    for pid in found:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(pid, signal.SIGKILL)
    return len(found)


def _orphans(folders: Sequence[Path]) -> Iterator[int]:
    starts = tuple(f"{folder}/" for folder in folders)
    whole = tuple(str(folder) for folder in folders)
    for entry in PROC.glob("[0-9]*"):
        pid = int(entry.name)
        words = _words(pid)
        if not any(word.startswith(starts) or word in whole for word in words):
            continue
        if pid != os.getpid() and not _has_engine(pid):
            yield pid


def _words(pid: int) -> list[str]:
    try:
        return (PROC / str(pid) / "cmdline").read_bytes().decode(errors="replace").split("\0")
    except OSError:
        return []


def _has_engine(pid: int) -> bool:
    """Tell whether a process is an engine, or has one among its ancestors."""
    while pid > 1:
        try:
            name, _, rest = (PROC / str(pid) / "stat").read_text().rpartition(")")
        except OSError:
            return False
        if name.partition("(")[2] == ENGINE:
            return True
        pid = int(rest.split()[1])
    return False
