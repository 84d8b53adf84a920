"""Locks that a killed run left behind in a state directory on this machine."""

from __future__ import annotations

import contextlib
import json
import os
import socket
from collections.abc import Mapping
from pathlib import Path


def release_dead(environment: Mapping[str, str]) -> None:
    """Remove locks whose process has ended on this very machine; any other stays.

    Pulumi's file backend writes pid and host name into each lock.
    """
    backend = environment.get("PULUMI_BACKEND_URL", "")
    if not backend.startswith("file://"):
        return
    for lock in (Path(backend.removeprefix("file://")) / ".pulumi/locks").rglob("*.json"):
        with contextlib.suppress(OSError, ValueError, KeyError):
            held = json.loads(lock.read_text())
            same_machine = held["hostname"] == socket.gethostname()
            if same_machine and not _alive(int(held["pid"])):
                lock.unlink()


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    state = Path(f"/proc/{pid}/stat")
    return not state.exists() or ") Z " not in state.read_text()
