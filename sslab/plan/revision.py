"""The files of another revision of the repository."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sslab.plan.errors import PlanError


@contextmanager
def extracted(repository: Path, revision: str) -> Iterator[Path]:
    """Lay a revision's files into a folder that is gone at the end of the block.

    The working tree, the index and the list of worktrees are not touched. Raises PlanError.
    """
    commit = _commit(repository, revision)
    with tempfile.TemporaryDirectory(prefix="sslab-plan-") as folder:
        archive = Path(folder) / "archive.tar"
        tree = Path(folder) / "tree"
        tree.mkdir()
        _run("git", "-C", str(repository), "archive", "--output", str(archive), commit)
        _run("tar", "-x", "-f", str(archive), "-C", str(tree))
        archive.unlink()
        yield tree


def differing(repository: Path, revision: str) -> frozenset[str]:
    """Return the paths in which the working tree differs from a revision, new files among them.

    What git ignores does not count. Raises PlanError.
    """
    commit = _commit(repository, revision)
    git = ("git", "-C", str(repository))
    changed = _run(*git, "diff", "--name-only", "--relative", "-z", commit, "--")
    new = _run(*git, "ls-files", "--others", "--exclude-standard", "-z")
    return frozenset(path for path in (changed + new).split("\0") if path)


def _run(*words: str) -> str:
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise PlanError(
            f"`{' '.join(words)}` failed: {done.stderr.strip()[-400:]}",
            remedy="check the repository and the disk's free space",
        )
    return done.stdout


def _commit(repository: Path, revision: str) -> str:
    words = ["git", "-C", str(repository), "rev-parse", "--verify", "--quiet", "--end-of-options"]
    try:
        done = subprocess.run(
            [*words, f"{revision}^{{commit}}"], capture_output=True, text=True, check=False
        )
    except FileNotFoundError:
        raise PlanError("there is no git", remedy="install it, or leave --against out") from None
    if done.returncode != 0:
        raise PlanError(
            f"there is no revision {revision!r} in {repository}",
            remedy="fetch it (`git fetch origin`), or name another",
        )
    return done.stdout.strip()
