"""A rollback runs the revision's own code in a worktree, on the present stack's configuration."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any, cast

import pytest

from sslab.engine import rollback
from sslab.engine.stack import Stack
from sslab.errors import SslabError
from sslab.progress import Progress

APP = """
import json, os, subprocess, sys
from pathlib import Path

def main():
    status = ["git", "status", "--porcelain"]
    head = ["git", "rev-parse", "HEAD"]
    run = lambda words: subprocess.run(words, capture_output=True, text=True).stdout.strip()
    with Path("stacks/Pulumi.nyu.yaml").open("a") as configuration:
        configuration.write("made: by the revision\\n")
    Path(os.environ["SEEN"]).write_text(json.dumps({
        "words": sys.argv[1:], "site": Path("sites/nyu.yaml").read_text(), "status": run(status),
        "head": run(head), "refresh": os.environ["PULUMI_OPTION_REFRESH"], "folder": os.getcwd(),
        "backend": os.environ["PULUMI_BACKEND_URL"],
    }))
    sys.exit(CODE)
"""


class Recorded:
    """Stands for a stack of which only the history is asked for."""

    def __init__(self, *revisions: str) -> None:
        self.revisions = revisions

    def history(self, most: int) -> list[dict[str, Any]]:
        return [
            {
                "kind": "update",
                "result": "succeeded",
                "startTime": "2026-11-25T21:05:37.000Z",
                "environment": {"git.head": each, "git.dirty": "false"},
            }
            for each in self.revisions
        ]


class Repository:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.git("init", "--quiet")
        (folder / ".gitignore").write_text(".venv/\n")  # which does not match a link
        (folder / "requirements.lock").write_text("pinned\n")

    def git(self, *words: str) -> str:
        identity = ("-c", "user.name=test", "-c", "user.email=test@example.edu")
        done = subprocess.run(
            ["git", *identity, *words],
            cwd=self.folder, capture_output=True, text=True, check=True,
        )  # fmt: skip
        return done.stdout.strip()

    def commit(self, message: str, **files: str) -> str:
        for name, text in files.items():
            path = self.folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", message)
        return self.git("rev-parse", "HEAD")

    def plan(self, revision: str | None, *deployed: str) -> rollback.Rollback:
        stack = cast(Stack, Recorded(*deployed))
        return rollback.plan(self.folder, "nyu", stack, revision)


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    folder = tmp_path / "ssl"
    folder.mkdir()
    return Repository(folder)


def files(site: str, code: int = 0) -> dict[str, str]:
    return {
        "sites/nyu.yaml": site,
        "sslab/__init__.py": "",
        "sslab/cli/__init__.py": "",
        "sslab/cli/app.py": APP.replace("CODE", str(code)),
    }


def perform(planned: rollback.Rollback, seen: Path, *, ask: bool = False) -> dict[str, Any]:
    environment = {**os.environ, "SEEN": str(seen), "PULUMI_BACKEND_URL": "s3://states"}
    rollback.perform(planned, environment, Progress(), ask=ask)
    found: dict[str, Any] = json.loads(seen.read_text())
    return found


def test_the_revision_is_deployed_by_its_own_code(repository: Repository, tmp_path: Path) -> None:
    old = repository.commit("first site", **files("old"))
    new = repository.commit(
        "second site", **files("new", code=9), **{"stacks/Pulumi.nyu.yaml": "rotated: yes\n"}
    )
    planned = repository.plan(None, new, old)
    assert planned.describe() == f"  from {new[:12]} second site\n  to   {old[:12]} first site"
    assert planned.warnings() == []
    seen = perform(planned, tmp_path / "seen")
    assert seen["words"] == ["up", "nyu", "--yes"]
    assert (seen["site"], seen["head"], seen["status"]) == ("old", old, "")
    assert (seen["refresh"], seen["backend"]) == ("true", "s3://states")
    # the present credentials, and what the revision has added to them
    kept = (repository.folder / "stacks/Pulumi.nyu.yaml").read_text()
    assert kept == "rotated: yes\nmade: by the revision\n"
    assert repository.git("rev-parse", "HEAD") == new
    assert not Path(seen["folder"]).exists()
    assert len(repository.git("worktree", "list").splitlines()) == 1


def test_a_tracked_configuration_counts_as_clean(repository: Repository, tmp_path: Path) -> None:
    with_secrets = {"stacks/Pulumi.nyu.yaml": "old: secret\n"}
    old = repository.commit("first", **files("old"), **with_secrets)
    repository.commit("second", **{"stacks/Pulumi.nyu.yaml": "rotated: yes\n"})
    seen = perform(repository.plan(old), tmp_path / "seen", ask=True)
    assert seen["status"] == ""
    assert seen["words"] == ["up", "nyu"], "the deployment asks"
    assert "old" not in (repository.folder / "stacks/Pulumi.nyu.yaml").read_text()


def test_a_failure_is_one_message_and_leaves_no_worktree(
    repository: Repository, tmp_path: Path
) -> None:
    bad = repository.commit("does not come up", **files("old", code=1))
    with pytest.raises(SslabError, match=f"not put back to {bad[:12]}.*run the same command again"):
        perform(repository.plan(bad), tmp_path / "seen")
    assert len(repository.git("worktree", "list").splitlines()) == 1


def test_a_worktree_of_a_killed_run_does_not_matter(repository: Repository, tmp_path: Path) -> None:
    old = repository.commit("first", **files("old"))
    repository.git("worktree", "add", "--quiet", "--detach", str(tmp_path / "gone"), old)
    (tmp_path / "gone").rename(tmp_path / "deleted")
    perform(repository.plan(old), tmp_path / "seen")
    assert len(repository.git("worktree", "list").splitlines()) == 1


@pytest.mark.parametrize(
    ("revision", "message"),
    [
        ("nonesuch", "there is no revision 'nonesuch' in .*fetch it"),
        ("--all", "there is no revision '--all'"),
        ("HEAD~1", "sites/nyu.yaml is not there in .*that revision does not know the site"),
        (None, "history of nyu has no other revision .*`sslab rollback nyu REV`"),
    ],
)
def test_what_cannot_be_put_back_is_refused(
    repository: Repository, revision: str | None, message: str
) -> None:
    repository.commit("nothing yet", **{"README.md": ""})
    only = repository.commit("the site", **files("new"))
    with pytest.raises(SslabError, match=message):
        repository.plan(revision, only)
    assert len(repository.git("worktree", "list").splitlines()) == 1


def test_a_folder_without_git_is_told_so(tmp_path: Path) -> None:
    with pytest.raises(SslabError, match="is not a git repository"):
        rollback.plan(tmp_path, "nyu", cast(Stack, Recorded()), "HEAD")


def test_uncommitted_changes_and_other_packages_are_told(repository: Repository) -> None:
    old = repository.commit("first", **files("old"))
    repository.commit("second", **{"requirements.lock": "newer\n"})
    (repository.folder / "sites/nyu.yaml").write_text("being edited")
    changes, packages = repository.plan(old).warnings()
    assert "1 files (sites/nyu.yaml) stay here" in changes
    assert "an environment is made" in packages
