"""The repository's git revisions, and one of them laid out to be deployed."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sslab.errors import SslabError
from sslab.git import attempt


def commit_of(repository: Path, revision: str) -> str:
    """Return the hash of a revision. Raises SslabError where the clone has no such revision."""
    done = attempt(
        repository, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}"
    )
    if done.returncode != 0:
        if attempt(repository, "rev-parse", "--git-dir").returncode != 0:
            raise SslabError(
                f"{repository} is not a git repository", remedy="work in a clone of it"
            )
        raise SslabError(
            f"there is no revision {revision!r} in {repository}",
            remedy="fetch it (`git fetch origin`), or name another; `sslab history` lists those "
            "that were deployed",
        )
    return done.stdout.strip()


def title(repository: Path, commit: str) -> str:
    """Return the first line of a commit's message, nothing where the clone has no such commit."""
    return attempt(
        repository, "log", "-1", "--format=%s", "--end-of-options", commit
    ).stdout.strip()


def has_file(repository: Path, commit: str, path: str) -> bool:
    """Tell whether a file is there in a commit."""
    return attempt(repository, "cat-file", "-e", f"{commit}:{path}").returncode == 0


def text_of(repository: Path, commit: str, path: str) -> str:
    """Return a file's text in a commit, nothing where it has no such file."""
    return attempt(repository, "show", f"{commit}:{path}").stdout


def uncommitted(repository: Path) -> list[str]:
    """Return the files that differ from the commit that is checked out."""
    shown = attempt(repository, "status", "--porcelain", "-z").stdout
    return [line[3:] for line in shown.split("\0") if line[2:3] == " "]


@contextmanager
def worktree(repository: Path, commit: str) -> Iterator[Path]:
    """Check a commit out into a folder of its own, a git worktree, which is gone at the end.

    The working tree, the index and the branches stay as they are. Raises SslabError.
    """
    _must(repository, "worktree", "prune")  # what a run that was killed has left
    with tempfile.TemporaryDirectory(prefix="sslab-rollback-") as folder:
        tree = Path(folder) / "ssl"
        _must(repository, "worktree", "add", "--quiet", "--detach", str(tree), commit)
        try:
            yield tree
        finally:
            attempt(repository, "worktree", "remove", "--force", str(tree))


def tracked(tree: Path, path: str) -> bool:
    """Tell whether git keeps a file of a worktree."""
    return attempt(tree, "ls-files", "--error-unmatch", path).returncode == 0


def overlook(tree: Path, path: str) -> None:
    """Let git take a file of a worktree for unchanged, whatever is there."""
    _must(tree, "update-index", "--skip-worktree", path)


def _must(folder: Path, *words: str) -> None:
    done = attempt(folder, *words)
    if done.returncode != 0:
        raise SslabError(
            f"`git {' '.join(words[:2])}` failed: {done.stderr.strip()[-400:]}",
            remedy="check the repository and the disk's free space",
        )
