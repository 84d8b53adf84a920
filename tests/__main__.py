"""Run the tests: `python -m tests`, with the words that pytest takes.

In a fork they are run twice: those that hold for any site, on the fork's own; then those of the
code, in a copy of the fork that has the founding sites.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.founding import ROOT, founding_copy, is_fork

_NOTHING_SELECTED = 5


def main(words: list[str]) -> int:
    """Run pytest and return its exit code."""
    if not is_fork():
        return _pytest(ROOT, words)
    own = _pytest(ROOT, [*words, "-n", "0"])  # they are few: one process collects them fastest
    if own not in (0, _NOTHING_SELECTED):
        return own
    print("The tests of the code, in a copy with the founding sites:", flush=True)
    with founding_copy() as copy:
        return _pytest(copy, words)


def _pytest(folder: Path, words: list[str]) -> int:
    command = (sys.executable, "-m", "pytest", *words)
    environment = dict(os.environ)
    # the tests start many processes, and each would compile all its modules
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    return subprocess.run(command, cwd=folder, env=environment, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
