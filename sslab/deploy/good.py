"""The last good revision of each site: the branch `deployed/<site>` of the remote `origin`.

It is where `main` was when the site's last deployment had passed its smoke tests. The branch is the
only memory: no service and no file has to be asked.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from sslab.git import commit_of, git, is_ancestor

PREFIX: Final = "deployed/"
REMOTE: Final = "origin"


def branch(site: str) -> str:
    """Return the name of a site's branch."""
    return f"{PREFIX}{site}"


def fetch(repository: Path) -> None:
    """Learn where the branches of all sites are now. Raises GitError."""
    wanted = f"+refs/heads/{PREFIX}*:refs/remotes/{REMOTE}/{PREFIX}*"
    git(repository, "fetch", "--quiet", "--prune", REMOTE, wanted)


def revision(repository: Path, site: str) -> str | None:
    """Return the last good revision of a site as a hash, None where it has none yet."""
    return commit_of(repository, f"refs/remotes/{REMOTE}/{branch(site)}")


def sites(repository: Path) -> list[str]:
    """Return the names of all sites that have a last good revision."""
    where = f"refs/remotes/{REMOTE}/{PREFIX}"
    listed = git(repository, "for-each-ref", "--format=%(refname)", where)
    return [name.removeprefix(where) for name in listed.splitlines()]


def superseded(repository: Path, site: str) -> str | None:
    """Return the later revision that the site has already, None where it has none.

    Two runs can overtake each other; a site never goes back by that.
    """
    good, head = revision(repository, site), commit_of(repository, "HEAD")
    if good is None or head is None or good == head:
        return None
    return good if is_ancestor(repository, head, good) else None


def keep(repository: Path, site: str) -> str:
    """Make the checked-out revision the last good one of a site, and return its hash.

    Raises GitError.
    """
    head = git(repository, "rev-parse", "HEAD")
    git(
        repository,
        *("push", "--quiet", "--force", REMOTE, f"{head}:refs/heads/{branch(site)}"),
        remedy="the job needs `permissions: {contents: write}`, and no rule may protect the branch",
    )
    return head
