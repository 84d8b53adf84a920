"""A new site's file: written after another site's, or from nothing for a kind of cluster."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from sslab.errors import SslabError
from sslab.fork.description import load_fork
from sslab.site.beginnings import Kind, beginning
from sslab.site.cluster import LocalCluster
from sslab.site.diagnostics import as_text
from sslab.site.document import shown
from sslab.site.forms import suggestion
from sslab.site.likeness import likeness
from sslab.site.loading import load_site, validate
from sslab.site.model import Site
from sslab.site.newcomer import Newcomer
from sslab.site.spelling import closest
from sslab.site.substrate import NodePorts
from sslab.site.types import DNS_LABEL, DNS_NAME

DOMAIN = "ssl-hep.org"
"""The laboratory's own domain, under which each site has one unless it asks for another.

A fork has its own in fork.yaml.
"""


@dataclass(frozen=True, kw_only=True)
class Wishes:
    """What the newcomer says of the site; what is None is derived from the name."""

    title: str | None = None
    domain: str | None = None
    context: str | None = None


def add_like(repository: Path, name: str, other: str, wishes: Wishes) -> Path:
    """Write sites/<name>.yaml after another site's file, without that site's own facts.

    Returns the path. Raises SslabError, with nothing written, where the name or a wish cannot be.
    """
    _new_path(repository, name)
    source = repository / "sites" / f"{other}.yaml"
    if not source.is_file():
        known = sorted(each.stem for each in source.parent.glob("*.yaml"))
        near = closest(other, known)
        raise SslabError(
            f"there is no sites/{other}.yaml",
            remedy=f'did you mean "{near}"?' if near else f"the sites are {', '.join(known)}",
        )
    return add_after(repository, name, source, f"sites/{other}.yaml", wishes)


def add_after(repository: Path, name: str, source: Path, called: str, wishes: Wishes) -> Path:
    """Write sites/<name>.yaml after a site file, which the new one calls `called`; see `add_like`.

    That file may be anywhere.
    """
    path = _new_path(repository, name)
    site = load_site(source, repository)
    _refuse_what_has_no_place(
        called, wishes, has_context=site.cluster.kind in ("existing", "local"),
        has_domain=site.reached is not None,
    )  # fmt: skip
    is_local = isinstance(site.cluster, LocalCluster)
    parent = _own_domain(repository)
    if site.reached and (is_local or parent is None):
        parent = site.reached.domain.partition(".")[2]
    newcomer = _newcomer(name, wishes, parent or DOMAIN, _sites(repository), is_local=is_local)
    text = likeness(source.read_text(encoding="utf-8"), site, newcomer, called)
    return _write(repository, path, text)


def add_kind(repository: Path, name: str, kind: Kind, wishes: Wishes) -> Path:
    """Write sites/<name>.yaml for a kind of cluster; see `add_like`."""
    path = _new_path(repository, name)
    _refuse_what_has_no_place(
        f"the kind {kind}", wishes, has_context=kind in ("existing", "local"),
        has_domain=kind != "hpc",
    )  # fmt: skip
    parent = "localhost" if kind == "local" else _own_domain(repository) or DOMAIN
    newcomer = _newcomer(name, wishes, parent, _sites(repository), is_local=kind == "local")
    return _write(repository, path, beginning(kind, newcomer))


def _own_domain(repository: Path) -> str | None:
    """Return the domain of a fork, None in a repository that is none."""
    fork = load_fork(repository)
    return None if fork is None else fork.domain


def _new_path(repository: Path, name: str) -> Path:
    """Return where the file goes. Raises SslabError for a name that cannot be or is taken."""
    require_form(DNS_LABEL, name, "a site's name", "my-campus")
    path = repository / "sites" / f"{name}.yaml"
    if path.exists():
        raise SslabError(
            f"sites/{name}.yaml is there already", remedy="choose another name, or edit that file"
        )
    return path


def require_form(pattern: str, text: str, what: str, example: str) -> None:
    """Raise SslabError, with what may have been meant, unless a text has a form."""
    if not re.fullmatch(pattern, text):
        near = suggestion(pattern, text)
        raise SslabError(
            f"{shown(text)} cannot be {what}",
            remedy=f'did you mean "{near}"?'
            if near
            else f"write lower-case letters, digits and hyphens, as in {example}",
        )


def _refuse_what_has_no_place(
    what: str, wishes: Wishes, *, has_context: bool, has_domain: bool
) -> None:
    for option, value, has_place in (
        ("--context", wishes.context, has_context),
        ("--domain", wishes.domain, has_domain),
    ):
        if value is not None and not has_place:
            raise SslabError(f"{what} has no place for {option}", remedy=f"leave {option} out")


def _sites(repository: Path) -> Sequence[Site]:
    """Return the sites that are right; what is wrong in the others is `sslab validate`'s."""
    sites, _ = validate(sorted((repository / "sites").glob("*.yaml")), repository)
    return tuple(sites.values())


def _newcomer(
    name: str, wishes: Wishes, parent: str, sites: Sequence[Site], *, is_local: bool
) -> Newcomer:
    """Return what is the new site's own, with ports that no other site has."""
    if wishes.domain is not None:
        require_form(DNS_NAME, wishes.domain, "a domain", f"ssl.{name}.example.edu")
    context = wishes.context or (None if is_local else f"ssl-{name}")
    loopback = {site.port for site in sites if isinstance(site.cluster, LocalCluster)}
    ports: set[int] = set()
    for site in sites:
        balancing = site.load_balancing
        if context is not None and site.context == context and isinstance(balancing, NodePorts):
            ports |= {balancing.http, balancing.https}
    http = _free(30080, ports)
    return Newcomer(
        name=name,
        title=wishes.title or name,
        domain=wishes.domain or f"{name}.{parent}",
        context=context,
        loopback_port=_free(8080, loopback),
        http=http,
        https=_free(30443, ports | {http}),
    )


def _free(first: int, taken: set[int]) -> int:
    return next(port for port in range(first, first + len(taken) + 1) if port not in taken)


def _write(repository: Path, path: Path, text: str) -> Path:
    """Write the file, if it is right beside all others. Never overwrites one."""
    shown_as = path.relative_to(repository).as_posix()
    others = sorted((repository / "sites").glob("*.yaml"))
    with TemporaryDirectory(prefix="sslab-") as folder:
        draft = Path(folder) / path.name
        draft.write_text(text, encoding="utf-8")
        _, diagnostics = validate([*others, draft], repository)
    wrong = [replace(each, file=shown_as) for each in diagnostics if each.file == str(draft)]
    if wrong:
        raise SslabError(f"{shown_as} is not written, for it would be wrong:\n{as_text(wrong)}")
    with path.open("x", encoding="utf-8") as file:  # another process may have been faster
        file.write(text)
    return path
