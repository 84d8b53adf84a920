"""The git of a clone."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

from sslab.errors import SslabError


class GitError(SslabError):
    """Git refused."""


OF_A_HOOK = ("DIR", "WORK_TREE", "INDEX_FILE", "PREFIX", "COMMON_DIR", "OBJECT_DIRECTORY")


def without_hook(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the environment without what git tells its hooks about their own repository."""
    names = {f"GIT_{name}" for name in OF_A_HOOK}
    return {name: value for name, value in environment.items() if name not in names}


def attempt(
    folder: Path, *words: str, environment: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run git in a folder; what its exit code means is for the caller to say.

    Raises GitError where there is no git.
    """
    try:
        return subprocess.run(
            ["git", "-C", str(folder), *words],
            env=without_hook(os.environ if environment is None else environment),
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
            stdin=subprocess.DEVNULL,
        )
    except FileNotFoundError:
        raise GitError("there is no git", remedy="install it") from None


def git(
    repository: Path, *words: str, environment: Mapping[str, str] | None = None, remedy: str = ""
) -> str:
    """Run git in a clone and return what it prints. Raises GitError."""
    done = attempt(repository, *words, environment=environment)
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
    return attempt(repository, "merge-base", "--is-ancestor", earlier, later).returncode == 0


def changed_files(repository: Path, earlier: str, *folders: str) -> list[str]:
    """Return the files that differ between a revision and the checked-out one, sorted."""
    listed = git(repository, "diff", "--name-only", "-z", earlier, "HEAD", "--", *folders)
    return sorted(name for name in listed.split("\0") if name)
