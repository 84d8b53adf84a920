"""Running a deployment in this terminal."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from sslab.engine.errors import EngineError


def foreground(words: Sequence[str], folder: Path, environment: Mapping[str, str]) -> int:
    """Run a command that shows its own output, and return its exit code.

    Ctrl-C reaches it as well, and it ends in good order. Raises EngineError where that ended it.
    """
    process = subprocess.Popen(
        words,
        cwd=folder,
        env=environment,
        stdin=None if sys.stdin.isatty() else subprocess.DEVNULL,
    )
    interrupted = False
    while True:
        try:
            code = process.wait()
        except KeyboardInterrupt:
            interrupted = True  # the terminal has sent the signal to the command as well
            continue
        if interrupted and code != 0:
            raise EngineError(
                "interrupted while deploying", remedy="run the same command again: it goes on"
            )
        return code
