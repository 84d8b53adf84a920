"""The git of a clone."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from pathlib import Path

from sslab.errors import SslabError


class GitError(SslabError):
    """Git refused."""


def git(
    repository: Path, *words: str, environment: Mapping[str, str] | None = None, remedy: str = ""
) -> str:
    """Run git in a clone and return what it prints. Raises GitError."""
    try:
        done = subprocess.run(
            ["git", "-C", str(repository), *words],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
            stdin=subprocess.DEVNULL,
        )
    except FileNotFoundError:
        raise GitError("there is no git", remedy="install it") from None
    if done.returncode != 0:
        raise GitError(
            f"`git {' '.join(words[:2])}` failed: {done.stderr.strip()[-400:]}",
            remedy=remedy or "check the clone and its remote `origin`",
        )
    return done.stdout.strip()


def commit_of(repository: Path, revision: str) -> str | None:
    """Return the hash of a revision's commit, None where there is none."""
    words = ("rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
    try:
        return git(repository, *words)
    except GitError:
        return None


def is_ancestor(repository: Path, earlier: str, later: str) -> bool:
    """Tell whether one commit is in the history of another, or is the same."""
    done = subprocess.run(
        ["git", "-C", str(repository), "merge-base", "--is-ancestor", earlier, later],
        capture_output=True,
        check=False,
    )
    return done.returncode == 0


def changed_files(repository: Path, earlier: str, *folders: str) -> list[str]:
    """Return the files that differ between a revision and the checked-out one, sorted."""
    listed = git(repository, "diff", "--name-only", "-z", earlier, "HEAD", "--", *folders)
    return sorted(name for name in listed.split("\0") if name)
