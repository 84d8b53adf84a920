"""Making a clone one's own: one commit, or nothing.

The commit is made in a folder beside the clone. The clone itself moves on to it in one step, when
everything is right.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sslab.fork.codeowners import codeowners
from sslab.fork.description import FILE, Fork, Upstream, as_text, is_fork
from sslab.fork.errors import ForkError
from sslab.fork.git import BRANCH, REMOTE, Git, require_clean, worktree
from sslab.fork.ownership import FOUNDING, SHARED
from sslab.site.adding import Wishes, add_after, add_kind, require_form
from sslab.site.beginnings import Kind
from sslab.site.diagnostics import SiteError
from sslab.site.loading import load_site, validate
from sslab.site.spelling import closest
from sslab.site.types import DNS_LABEL, DNS_NAME, GIT_ADDRESS, GITHUB_OWNER


@dataclass(frozen=True, kw_only=True)
class ForkWishes:
    """Whose the fork will be, and what its first site is like."""

    name: str
    domain: str
    owner: str | None = None
    upstream: str | None = None
    like: str | None = None
    kind: Kind | None = None
    title: str | None = None
    context: str | None = None


@dataclass(frozen=True, kw_only=True)
class Draft:
    """A commit that makes a clone a fork, on no branch yet."""

    git: Git
    fork: Fork
    commit: str
    changes: tuple[tuple[str, str], ...]
    """What it does to which path: `A`dded, `M`odified, `D`eleted, `R`enamed (`old -> new`)."""


@contextmanager
def drafted(repository: Path, wishes: ForkWishes) -> Iterator[Draft]:
    """Make the commit. The clone stays as it is until `adopt`. Raises SslabError."""
    _require_forms(wishes)
    git = Git(repository)
    require_clean(git)
    if is_fork(repository):
        raise ForkError(
            f"this repository is a fork already: {FILE} says so",
            remedy="`sslab fork update` merges what is new upstream, `sslab site add` adds a site",
        )
    url = _upstream(git, wishes.upstream)
    base = _base(git, url)
    fork = Fork(
        name=wishes.name,
        domain=wishes.domain,
        owner=wishes.owner,
        upstream=Upstream(url=url, base=base),
    )
    with worktree(git) as tree:
        _make_own(tree.folder, fork, wishes)
        tree.run("add", "--all")
        tree.run(
            "commit", "--quiet", "--no-verify", "-m", f"Make this the laboratory of {fork.name}"
        )
        commit = tree.run("rev-parse", "HEAD").strip()
        yield Draft(git=git, fork=fork, commit=commit, changes=tuple(_changes(tree)))


def adopt(draft: Draft) -> None:
    """Move the clone's branch to the commit, and name the remote `upstream`."""
    git = draft.git
    git.run("merge", "--quiet", "--ff-only", draft.commit)
    if git.remote_url() is None:
        git.run("remote", "add", REMOTE, draft.fork.upstream.url)


def _require_forms(wishes: ForkWishes) -> None:
    require_form(DNS_LABEL, wishes.name, "a fork's name", "my-campus")
    require_form(DNS_NAME, wishes.domain, "a domain", f"ssl.{wishes.name}.example.edu")
    if "." not in wishes.domain:
        raise ForkError(
            f'"{wishes.domain}" is a name without a domain',
            remedy=f"write a name that your DNS can answer, as in ssl.{wishes.name}.example.edu",
        )
    if wishes.owner is not None and not re.fullmatch(GITHUB_OWNER, wishes.owner):
        raise ForkError(
            f"{wishes.owner!r} is no GitHub team or account",
            remedy="write --owner @organisation/team",
        )


def _upstream(git: Git, asked: str | None) -> str:
    """Return where the upstream is fetched from."""
    known = git.remote_url()
    url = asked or known
    if url is None:
        raise ForkError(
            f"it is not known which repository this is a fork of: there is no remote {REMOTE}",
            remedy="name it: --upstream https://github.com/ORGANISATION/REPOSITORY",
        )
    if asked and known and asked != known:
        raise ForkError(
            f"the remote {REMOTE} is another repository than --upstream",
            remedy=f"leave --upstream out, or `git remote set-url {REMOTE} {_shown(asked)}`",
        )
    if not re.fullmatch(GIT_ADDRESS, url):
        raise ForkError(
            f"{_shown(url)} cannot stand in {FILE}, which is committed",
            remedy="write the address without credentials, as in https://github.com/example/ssl",
        )
    return url


def _shown(url: str) -> str:
    """Return an address without the credentials that may be in it."""
    return re.sub(r"://[^/@]*@", "://", url)


def _base(git: Git, url: str) -> str:
    """Return the upstream's commit that the clone has."""
    git.run("fetch", "--quiet", "--no-tags", url, BRANCH)
    shared = git.attempt("merge-base", "HEAD", "FETCH_HEAD").stdout.strip()
    if not shared:
        raise ForkError(
            f"{url} has no commit in common with this clone",
            remedy="name the repository that you forked: --upstream",
        )
    return shared


def _make_own(folder: Path, fork: Fork, wishes: ForkWishes) -> None:
    """Change a checkout of the upstream's into the fork's."""
    sites = folder / "sites"
    founding = {
        path.stem: path for path in sites.glob("*.yaml") if f"sites/{path.name}" not in SHARED
    }
    source = _source(folder, founding, wishes.like)
    _set_aside(folder, founding)
    for stack in (folder / "stacks").glob("Pulumi.*.yaml"):
        stack.unlink()
    (folder / FILE).write_text(as_text(fork), encoding="utf-8")
    kind = wishes.kind or "existing"
    is_reached = kind not in ("hpc", "local") if source is None else _is_reached(source, folder)
    asks = Wishes(
        title=wishes.title,
        domain=fork.domain if is_reached else None,
        context=wishes.context,
    )
    if source is None:
        add_kind(folder, fork.name, kind, asks)
    else:
        add_after(folder, fork.name, source, "another site's file", asks)
    _, diagnostics = validate(sorted(sites.glob("*.yaml")), folder)
    if diagnostics:
        raise SiteError(diagnostics)
    (folder / "CODEOWNERS").write_text(codeowners(folder), encoding="utf-8")


def _source(folder: Path, founding: dict[str, Path], like: str | None) -> Path | None:
    """Return where the site file will be that the first site is written after."""
    if like is None:
        return None
    if like == "local":
        return folder / "sites/local.yaml"
    if like not in founding:
        near = closest(like, sorted(founding))
        raise ForkError(
            f"there is no sites/{like}.yaml to write a site after",
            remedy=f'did you mean "{near}"?' if near else f"there are: {', '.join(founding)}",
        )
    return folder / FOUNDING / founding[like].name


def _is_reached(source: Path, folder: Path) -> bool:
    """Tell whether a site file has a place for a domain."""
    return load_site(source, folder).reached is not None


def _set_aside(folder: Path, founding: dict[str, Path]) -> None:
    """Move the upstream's site files to where its tests find them."""
    (folder / FOUNDING).mkdir(parents=True, exist_ok=True)
    for path in founding.values():
        path.rename(folder / FOUNDING / path.name)


def _changes(tree: Git) -> Iterator[tuple[str, str]]:
    """Yield what the last commit did to which path."""
    fields = iter(tree.paths("show", "-M", "--format=", "--name-status", "-z", "HEAD"))
    for status in fields:
        path = next(fields)
        if status[0] == "R":
            path = f"{path} -> {next(fields)}"
        yield status[0], path
