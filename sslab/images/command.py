"""Running the programs that build images.

They run in mount and process namespaces of their own that die with the program that started them:
however a build ends, Ctrl-C and `kill -9` included, it leaves no process and no mount behind.
"""

from __future__ import annotations

import errno
import math
import os
import re
import shutil
import subprocess
import threading
from collections import deque
from collections.abc import Mapping, Sequence
from pathlib import Path

from sslab.images.errors import ImageError

LOG_TAIL = 15
"""How many of a failed program's last lines the message has."""

PACKAGES = {"setpriv": "util-linux", "unshare": "util-linux", "apt-get": "apt", "ctr": "containerd"}
"""The Debian packages of programs that are not called like their package."""

NAMESPACES = (
    *("setpriv", "--pdeathsig", "KILL"),
    *("unshare", "--mount", "--propagation", "private"),
    *("--pid", "--fork", "--kill-child", "--mount-proc"),
)


def require(program: str, *, why: str) -> None:
    """Raise ImageError with the package to install where a program is not on PATH."""
    if shutil.which(program) is None:
        package = PACKAGES.get(program, program)
        raise ImageError(f"{program} is missing: {why}", remedy=f"apt-get install {package}")


def disk_full(folder: Path) -> ImageError:
    """Return the error for a disk without space left."""
    return ImageError(
        f"the disk that holds {folder} is full",
        remedy="free some space there (5 GB will do), or set XDG_CACHE_HOME to a folder on "
        "another disk, and run again: what is built stays built",
    )


def tells_disk_full(output: str) -> bool:
    """Tell whether a program's output says that it found no space on the disk."""
    return os.strerror(errno.ENOSPC).lower() in output.lower()


def run(
    command: Sequence[str | Path],
    *,
    what: str,
    log: Path,
    environment: Mapping[str, str] | None = None,
    first_answer: tuple[str, float] | None = None,
) -> None:
    """Run a program in namespaces of its own, its output going to the end of `log`.

    `first_answer` is a text and seconds: a program that has not printed the text by then is
    ended. Raises ImageError with the end of the output where the program fails.
    """
    for program in {"setpriv", "unshare"}.intersection(NAMESPACES):
        require(program, why="images are built in namespaces of their own")
    require(str(command[0]), why=f"it is needed for {what}")
    tail: deque[str] = deque(maxlen=LOG_TAIL)
    with log.open("a", buffering=1) as output, _start(command, log.parent, environment) as process:
        awaited, seconds = first_answer or ("", math.inf)
        overdue = threading.Timer(seconds, process.kill)
        if first_answer:
            overdue.start()
        try:
            for line in process.stdout or ():
                output.write(line)
                tail.append(line.rstrip())
                if awaited in line:
                    overdue.cancel()
            status = process.wait()
        except BaseException:  # Ctrl-C too: nothing goes on behind the user's back
            process.kill()
            raise
        finally:
            overdue.cancel()
    if status != 0:
        raise failure(what, status, "\n".join(tail), log)


def capture(command: Sequence[str | Path], *, folder: Path) -> tuple[int, str]:
    """Run a short program in namespaces of its own; return its exit status and its output."""
    with _start(command, folder, None) as process:
        output, _ = process.communicate()
    return process.returncode, output


def failure(what: str, status: int, tail: str, log: Path) -> ImageError:
    """Return the error for a program that failed, or for the full disk that made it fail."""
    if tells_disk_full(tail):
        return disk_full(log.parent)
    tail = re.sub(r"://[^/@\s]+@", "://***@", tail)  # a mirror's address may carry a password
    return ImageError(
        f"{what} failed with status {status}:\n{tail}\n(the whole output: {log})",
        remedy="mend the cause (often the network) and run again: what is built stays built",
    )


def _start(
    command: Sequence[str | Path], folder: Path, environment: Mapping[str, str] | None
) -> subprocess.Popen[str]:
    """Start a program of which Ctrl-C reaches only the caller, which then ends it."""
    return subprocess.Popen(
        [*NAMESPACES, *map(str, command)],
        cwd=folder,
        env={**os.environ, **(environment or {})},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        start_new_session=True,
    )
