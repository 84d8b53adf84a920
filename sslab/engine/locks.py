"""Who holds the lock of a stack, and whether that process still lives.

Pulumi writes a lock with user, machine, process and time beside a state that is kept in a folder or
a bucket, and tells of it when it refuses to work; a killed process leaves it there.
"""

from __future__ import annotations

import contextlib
import json
import os
import pwd
import re
import socket
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

TOLD = re.compile(r"created by (\S+)@(\S+) \(pid (\d+)\) at (\S+)")
LOCKED = "the stack is currently locked"
LONG = timedelta(hours=1)
"""A deployment takes minutes; of a lock that is older nobody will say that it still works."""
SLACK = timedelta(seconds=5)
NAMES_OF_ANY_MACHINE = ("localhost", "localhost.localdomain")


@dataclass(frozen=True)
class Lock:
    """One lock: who took it, in which process of which machine, and when."""

    user: str
    host: str
    pid: int
    since: datetime

    @property
    def here(self) -> bool:
        """Tell whether it was taken on this machine."""
        return self.host == socket.gethostname() and self.host not in NAMES_OF_ANY_MACHINE

    @property
    def alive(self) -> bool | None:
        """Tell whether its process runs; None where this machine cannot know."""
        return _runs(self.pid, self.since) if self.here else None

    @property
    def left_by_us(self) -> bool:
        """Tell whether this very user left it here with a process that has ended."""
        return self.alive is False and self.user == this_user()

    @property
    def age(self) -> timedelta:
        """How long ago it was taken."""
        return datetime.now(UTC) - self.since

    def as_json(self) -> dict[str, Any]:
        """Return it as `sslab state show --format json` prints it (docs/state.md)."""
        return {
            "user": self.user,
            "host": self.host,
            "pid": self.pid,
            "since": self.since.isoformat(),
            "alive": self.alive,
        }

    def __str__(self) -> str:
        """Return who, where, since when, and whether it lives."""
        life = {
            True: "that process still runs",
            False: "that process has ended",
            None: "another machine, so whether it still runs cannot be known here",
        }[self.alive]
        minutes = max(int(self.age.total_seconds() // 60), 0)
        return (
            f"locked by {self.user}@{self.host}, process {self.pid}, since "
            f"{self.since:%Y-%m-%d %H:%M:%S} UTC ({minutes} min ago): {life}"
        )


def this_user() -> str:
    """Return the name under which Pulumi takes locks for whoever runs this."""
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:  # in a container nobody may have given it a name
        return str(os.getuid())


def told(said: str) -> list[Lock]:
    """Return the locks of which Pulumi tells when it refuses to work."""
    if LOCKED not in said:
        return []
    return [
        Lock(user, host, int(pid), datetime.fromisoformat(since).astimezone(UTC))
        for user, host, pid, since in TOLD.findall(said)
    ]


def in_folder(state: Path, project: str, name: str) -> list[Lock]:
    """Return the locks of a stack whose state is kept in a folder."""
    found = []
    for file in sorted((state / ".pulumi/locks/organization" / project / name).glob("*.json")):
        with contextlib.suppress(OSError, ValueError, KeyError):  # released, or Pulumi will tell
            held = json.loads(file.read_text())
            since = datetime.fromisoformat(held["timestamp"]).astimezone(UTC)
            found.append(Lock(held["username"], held["hostname"], int(held["pid"]), since))
    return found


def _runs(pid: int, since: datetime) -> bool:
    """Tell whether a process runs that could have taken a lock at a time."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    stat = Path(f"/proc/{pid}/stat")
    try:
        state, *rest = stat.read_text().rpartition(")")[2].split()
        booted = re.search(r"^btime (\d+)", Path("/proc/stat").read_text(), re.MULTILINE)
    except OSError:
        return not Path("/proc/self").exists()  # without /proc nobody can say more
    if state == "Z" or booted is None:
        return state != "Z"
    seconds = int(rest[18]) / os.sysconf("SC_CLK_TCK")
    started = datetime.fromtimestamp(int(booted[1]) + seconds, UTC)
    return started <= since + SLACK  # else the number is another process' by now
