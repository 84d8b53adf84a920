"""The remote `origin`: a bare git repository, with pull requests as GitHub keeps them."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

from tests.workflows.api import Api

PERSON = {"login": "somebody", "type": "User"}
IDENTITY = ("-c", "user.name=somebody", "-c", "user.email=somebody@example.edu")
CLEAN = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}


def git(folder: Path, *words: str) -> str:
    """Run git in a folder, as somebody, and return what it prints."""
    done = subprocess.run(
        ["git", "-C", str(folder), *IDENTITY, *words],
        env=CLEAN, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, f"git {' '.join(words)}: {done.stdout}{done.stderr}"
    return done.stdout.strip()


class Origin:
    """The bare repository, and the clone of somebody who works with it."""

    def __init__(self, bare: Path, clone: Path, api: Api) -> None:
        self.bare, self.clone, self.api = bare, clone, api

    @classmethod
    def of(cls, clone: Path, bare: Path) -> Origin:
        """Make the remote of a folder, whose files are the first commit of `main`."""
        git(clone, "init", "--quiet", "--initial-branch=main")
        git(clone, "add", "--all")
        git(clone, "commit", "--quiet", "--message", "The first commit")
        bare.mkdir(parents=True)
        git(bare, "init", "--quiet", "--bare", "--initial-branch=main")
        git(clone, "remote", "add", "origin", str(bare))
        git(clone, "push", "--quiet", "origin", "main")
        return cls(bare, clone, Api(bare))

    def commit(self, message: str, files: Mapping[str, str | None]) -> str:
        """Commit files to the branch that is checked out; None takes one away."""
        for name, text in files.items():
            path = self.clone / name
            if text is None:
                path.unlink()
            else:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text, encoding="utf-8")
        git(self.clone, "add", "--all", "--", *files)
        git(self.clone, "commit", "--quiet", "--message", message)
        return git(self.clone, "rev-parse", "HEAD")

    def push_main(self, message: str, files: Mapping[str, str | None]) -> str:
        """Commit to `main` and push."""
        git(self.clone, "checkout", "--quiet", "main")
        commit = self.commit(message, files)
        git(self.clone, "push", "--quiet", "origin", "main")
        return commit

    def open_pull(
        self, branch: str, files: Mapping[str, str | None], repository: str | None = None
    ) -> int:
        """Open a pull request from a branch; `repository` is the fork that it comes from."""
        git(self.clone, "checkout", "--quiet", "-b", branch, "main")
        number = self.api.new_number()
        source = {"full_name": repository or self.api.name}
        self.api.pulls[number] = {
            "number": number,
            "state": "open",
            "merged_at": None,
            "merge_commit_sha": None,
            "head": {"ref": branch, "sha": "", "repo": source},
            "base": {"ref": "main", "repo": {"full_name": self.api.name}},
            "user": PERSON,
        }
        self.push(number, files)
        return number

    def push(self, number: int, files: Mapping[str, str | None]) -> str:
        """Push another commit to a pull request; GitHub merges it with its base to try it."""
        pull = self.api.pulls[number]
        git(self.clone, "checkout", "--quiet", pull["head"]["ref"])
        commit = self.commit(f"Change {', '.join(files)}", files)
        pull["head"]["sha"] = commit
        merged = self._merged(commit, "refs/heads/main", f"Merge {commit}")
        for what, revision in (("head", commit), ("merge", merged)):
            git(self.clone, "push", "--quiet", "--force", "origin",
                f"{revision}:refs/pull/{number}/{what}")  # fmt: skip
        if pull["head"]["repo"]["full_name"] == self.api.name:
            git(self.clone, "push", "--quiet", "origin", pull["head"]["ref"])
        git(self.clone, "checkout", "--quiet", "main")
        return commit

    def merge(self, number: int) -> str:
        """Merge a pull request into `main`, and return the merge's commit."""
        pull = self.api.pulls[number]
        title = f"Merge pull request #{number} from {pull['head']['ref']}"
        merged = self._merged(pull["head"]["sha"], "main", title)
        git(self.clone, "checkout", "--quiet", "main")
        git(self.clone, "merge", "--quiet", "--ff-only", merged)
        git(self.clone, "push", "--quiet", "origin", "main")
        pull |= {"state": "closed", "merged_at": "2026-11-25T12:00:00Z", "merge_commit_sha": merged}
        return merged

    def revision(self, name: str) -> str | None:
        """Return where a branch is at the remote, None where it is not."""
        shown = git(self.clone, "ls-remote", "origin", f"refs/heads/{name}")
        return shown.split()[0] if shown else None

    def _merged(self, commit: str, base: str, message: str) -> str:
        """Return the merge of a commit into a base, made without a working tree."""
        tree = git(self.clone, "merge-tree", "--write-tree", base, commit)
        return git(self.clone, "commit-tree", tree, "-p", base, "-p", commit, "-m", message)
