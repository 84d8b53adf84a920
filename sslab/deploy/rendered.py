"""The branch `rendered/<site>`: the manifests of a site that takes no push."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Final

from sslab.deploy.good import REMOTE
from sslab.git import GitError, commit_of, git
from sslab.render.folder import write
from sslab.render.manifests import Rendering

PREFIX: Final = "rendered/"
AUTHOR: Final = ("github-actions[bot]", "41898282+github-actions[bot]@users.noreply.github.com")


def publish(repository: Path, site: str, made: Rendering) -> str | None:
    """Commit a site's manifests to its branch and push it; return the commit.

    None where they are what is there already: then there is no commit, and a cluster that follows
    the branch has nothing to do. The clone's own files, index and branches stay as they are.
    """
    name = f"{PREFIX}{site}"
    parent = _there(repository, name)
    tree = _tree(repository, made)
    if parent is not None and git(repository, "rev-parse", f"{parent}^{{tree}}") == tree:
        return None
    source = git(repository, "log", "-1", "--format=%H %s")
    commit = git(
        repository,
        *("commit-tree", tree, *(("-p", parent) if parent else ())),
        *("-m", f"Render {site} from {source[:12]}", "-m", source),
        environment=_signed(repository),
    )
    git(
        repository,
        *("push", "--quiet", REMOTE, f"{commit}:refs/heads/{name}"),
        remedy="somebody may have pushed at the same time: run the job again; it needs "
        "`permissions: {contents: write}`",
    )
    return commit


def _there(repository: Path, name: str) -> str | None:
    """Return where the branch is at the remote now, None where it is not."""
    if not git(repository, "ls-remote", REMOTE, f"refs/heads/{name}"):
        return None
    git(repository, "fetch", "--quiet", REMOTE, f"refs/heads/{name}")
    return commit_of(repository, "FETCH_HEAD")


def _tree(repository: Path, made: Rendering) -> str:
    """Return the hash of the git tree that holds these manifests and nothing else."""
    with tempfile.TemporaryDirectory(prefix="sslab-rendered-") as folder:
        work = Path(folder) / "tree"
        write(made, work)
        environment = {**os.environ, "GIT_INDEX_FILE": str(Path(folder) / "index")}
        git(repository, f"--work-tree={work}", "add", "--all", "--force", environment=environment)
        return git(repository, "write-tree", environment=environment)


def _signed(repository: Path) -> dict[str, str]:
    """Return the environment of a commit: by whoever the clone knows, else by the workflow."""
    name, address = AUTHOR
    try:
        name = git(repository, "config", "user.name")
        address = git(repository, "config", "user.email")
    except GitError:
        pass
    names = {
        f"GIT_{role}_{what}": value
        for role in ("AUTHOR", "COMMITTER")
        for what, value in (("NAME", name), ("EMAIL", address))
    }
    return {**os.environ, **names}
