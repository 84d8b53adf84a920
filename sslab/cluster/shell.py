"""Running the programs that set a cluster up."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from pathlib import Path

from sslab.cluster.errors import ClusterError


def run(command: Sequence[str | Path], *, text: str | None = None, remedy: str = "") -> str:
    """Run a program and return its output; raise ClusterError with its own words if it fails."""
    words = [str(word) for word in command]
    try:
        done = subprocess.run(words, input=text, capture_output=True, text=True, check=False)
    except FileNotFoundError as error:
        raise ClusterError(
            f"the program {words[0]} is missing", remedy="`sslab doctor` says how to get it"
        ) from error
    if done.returncode != 0:
        said = (done.stderr or done.stdout).strip()[-600:]
        raise ClusterError(
            f"`{' '.join(words[:6])}` failed: {said}",
            remedy=remedy or "`sslab doctor` checks what the cluster needs",
        )
    return done.stdout


def quiet(command: Sequence[str | Path]) -> bool:
    """Run a program whose failure is an answer; return whether it succeeded."""
    return attempt(command) is None


def attempt(command: Sequence[str | Path]) -> str | None:
    """Run a program whose failure is an answer; return what it said when it failed."""
    try:
        run(command)
    except ClusterError as error:
        return error.message
    return None
