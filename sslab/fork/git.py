"""Git, as the commands for forks use it."""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sslab.fork.errors import ForkError
from sslab.git import GitError, attempt

BRANCH = "main"
"""The upstream's branch."""
REMOTE = "upstream"


class Git:
    """Git in one checkout. A command that fails raises GitError with git's own last words."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def attempt(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run git; what its exit code means is for the caller to say."""
        environment = {**os.environ, "LC_ALL": "C", "GIT_EDITOR": "true"}
        return attempt(self.folder, *words, environment=environment)

    def run(self, *words: str) -> str:
        """Run git and return what it printed."""
        done = self.attempt(*words)
        if done.returncode != 0:
            said = (done.stderr.strip() or done.stdout.strip())[-600:]
            raise GitError(
                f"`git {' '.join(words[:2])}` failed: {said}",
                remedy="mend that and run the command again",
            )
        return done.stdout

    def paths(self, *words: str) -> list[str]:
        """Run a command of git that lists paths with `-z`, and return them."""
        return [path for path in self.run(*words).split("\0") if path]

    def commit_of(self, revision: str) -> str | None:
        """Return a revision's commit, None where it is not here."""
        done = self.attempt("rev-parse", "--verify", "--quiet", f"{revision}^{{commit}}")
        return done.stdout.strip() if done.returncode == 0 else None

    def is_ancestor(self, older: str, newer: str) -> bool:
        """Tell whether a commit is in the history of another."""
        return self.attempt("merge-base", "--is-ancestor", older, newer).returncode == 0

    def remote_url(self) -> str | None:
        """Return where the remote `upstream` is fetched from, None where there is none."""
        done = self.attempt("remote", "get-url", REMOTE)
        return done.stdout.strip() if done.returncode == 0 else None

    def files(self, tree: str, *under: str) -> dict[str, str]:
        """Return the files of a tree by their paths, with the hashes of their content."""
        lines = self.paths("ls-tree", "-r", "-z", "--full-tree", tree, "--", *under)
        return {
            path: about.split()[2] for about, _, path in (each.partition("\t") for each in lines)
        }

    def content(self, blob: str) -> bytes:
        """Return what a file of a tree holds."""
        words = ("git", "cat-file", "blob", blob)
        return subprocess.run(words, cwd=self.folder, capture_output=True, check=True).stdout


def require_clean(git: Git) -> None:
    """Raise ForkError unless a branch is checked out, all is committed, and the history is here."""
    top = git.attempt("rev-parse", "--show-toplevel")
    if top.returncode != 0 or Path(top.stdout.strip()).resolve() != git.folder.resolve():
        raise ForkError(
            f"{git.folder} is not the top of a git repository",
            remedy="run the command in a clone, made by `git clone`",
        )
    if git.commit_of("MERGE_HEAD"):
        raise ForkError(
            "a merge is under way here",
            remedy="finish it with `git commit`, or undo it with `git merge --abort`",
        )
    if git.attempt("symbolic-ref", "--quiet", "HEAD").returncode != 0:
        raise ForkError("no branch is checked out", remedy="`git switch main` first")
    changed = git.run("status", "--porcelain").splitlines()
    if changed:
        names = ", ".join(each[3:] for each in changed[:3]) + (", ..." if changed[3:] else "")
        raise ForkError(
            f"the working tree is not clean: {names}",
            remedy="commit the changes, or put them away with `git stash --include-untracked`",
        )
    if git.run("rev-parse", "--is-shallow-repository").strip() == "true":
        raise ForkError(
            "this clone lacks the older history, which a merge needs",
            remedy="`git fetch --unshallow` brings it",
        )
    for who in ("GIT_AUTHOR_IDENT", "GIT_COMMITTER_IDENT"):
        if git.attempt("var", who).returncode != 0:
            raise ForkError(
                "git does not know who commits here",
                remedy="`git config --global user.name` and `user.email` tell it",
            )


@contextmanager
def worktree(git: Git) -> Iterator[Git]:
    """Check HEAD out into a folder that is gone at the end of the block.

    A commit that is made there is on no branch.
    """
    with tempfile.TemporaryDirectory(prefix="sslab-fork-") as folder:
        tree = Path(folder) / "tree"
        git.run("worktree", "add", "--quiet", "--detach", str(tree), "HEAD")
        try:
            yield Git(tree)
        finally:
            git.attempt("worktree", "remove", "--force", str(tree))
