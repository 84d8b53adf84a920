"""A new site's file after another site's: its structure and comments, without its facts."""

from __future__ import annotations

import io
import re
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap
from ruamel.yaml.representer import RoundTripRepresenter

from sslab.catalogue.layers import ISSUER
from sslab.site.cluster import LocalCluster
from sslab.site.model import Site
from sslab.site.newcomer import SCHEMA_LINE, Newcomer
from sslab.site.object_storage import RemoteObjects
from sslab.site.reference import PROVENANCE_FIELDS
from sslab.site.sample import commented
from sslab.site.substrate import MetalLB, NodePorts, TraefikIngress

_FOREIGN: dict[tuple[str, ...], object] = {
    # what is true of the other site, or given to it, and of no one else
    ("location",): None,
    ("owners",): [],
    ("capacity",): None,
    ("network",): None,
    ("gpus",): [],
    ("exemptions",): [],
    ("data_loss",): [],
    ("maintenance_windows",): [],
    ("federation",): None,
    ("cluster", "kubeconfig"): None,
    ("cluster", "distribution"): None,
    ("cluster", "version"): None,
    ("cluster", "project"): None,
    ("cluster", "external_network"): None,
    ("cvmfs", "proxies"): [],
    ("identity", "client"): None,
    ("load_balancing", "address"): None,
}


def likeness(text: str, other: Site, newcomer: Newcomer, called: str) -> str:
    """Return the text of the new site's file; `text` is the other's, which is called like that."""
    yaml = YAML()
    yaml.Representer = _Representer
    yaml.preserve_quotes = True
    yaml.width = 4096  # comments and lists stay on their lines
    yaml.indent(mapping=2, sequence=4, offset=2)
    data = yaml.load(_without_head(text))
    _forget_provenance(data)
    for path, value in _FOREIGN.items():
        _replace(data, path, value)
    data.pop("cni", None)  # what is not known there has a default
    for contact in data.get("contacts") or ():
        contact["address"] = None
    for batch in data.get("batch") or ():
        batch["endpoint"] = None
    _make_own(data, other, newcomer)
    _keep_own_issuer(data, other)
    stream = io.StringIO()
    yaml.dump(data, stream)
    body = stream.getvalue()
    if other.reached is not None:  # comments name the domain as well
        body = body.replace(other.reached.domain, newcomer.domain)
    return _head(called, newcomer) + body


def _make_own(data: CommentedMap, other: Site, newcomer: Newcomer) -> None:
    """Set what no two sites may share; the domain, which comments name as well, comes later."""
    data["name"], data["title"] = newcomer.name, newcomer.title
    if newcomer.context is not None and other.cluster.kind in ("existing", "local"):
        data["cluster"]["context"] = newcomer.context
    _replace(data, ("cluster", "cloud"), f"ssl-{newcomer.name}")
    if isinstance(other.object_storage, RemoteObjects):
        data["object_storage"]["prefix"] = newcomer.prefix
    balancing, reached = other.load_balancing, other.reached
    if reached is not None and isinstance(other.cluster, LocalCluster):
        data["ingress"]["port"] = newcomer.loopback_port
    if not isinstance(balancing, MetalLB | NodePorts):
        return
    has_traefik = isinstance(other.ingress, TraefikIngress)
    if isinstance(balancing, MetalLB):
        data["load_balancing"] = _instead_of_addresses(newcomer, has_traefik=has_traefik)
    else:
        _replace(data, ("load_balancing", "http"), newcomer.http)
        _replace(data, ("load_balancing", "https"), newcomer.https)
    if reached is not None and has_traefik and not isinstance(other.cluster, LocalCluster):
        data["ingress"]["port"] = newcomer.https if reached.tls else newcomer.http


def _keep_own_issuer(data: CommentedMap, other: Site) -> None:
    """Let an issuer that the laboratory runs itself know the client, at the newcomer's port.

    Its users stay as well, for there is no login without any; their passwords are the other site's.
    """
    known, reached = other.identity, other.reached
    if known is None or not known.users or reached is None:
        return
    scheme, usual = ("https", 443) if reached.tls else ("http", 80)
    port = data["ingress"].get("port", usual)
    shown = "" if port == usual else f":{port}"
    data["identity"] |= {
        "issuer": f"{scheme}://{other.host(ISSUER)}{shown}",
        "client": known.client,
    }


def _instead_of_addresses(newcomer: Newcomer, *, has_traefik: bool) -> CommentedMap:
    """Return node ports where they are needed: a pool of addresses is the other site's own."""
    new = CommentedMap(kind="none")
    if has_traefik:
        new = CommentedMap(kind="node-ports", http=newcomer.http, https=newcomer.https)
    new.yaml_add_eol_comment("or metallb, with a pool of this site's own addresses", "kind")
    return new


def _replace(data: Any, path: tuple[str, ...], value: object) -> None:
    """Set a field that is there; a comment about another value goes with that value."""
    *parents, name = path
    for parent in parents:
        data = (data or {}).get(parent)
    if isinstance(data, CommentedMap) and data.get(name, value) != value:
        data[name] = value
        data.ca.items.pop(name, None)


def _forget_provenance(data: Any) -> None:
    """Delete who found out about the other site, and when; nothing else may be left of a part."""
    if isinstance(data, dict):
        for name in PROVENANCE_FIELDS:
            data.pop(name, None)
        for name, value in list(data.items()):
            was_empty = value in ({}, [])
            if name != "patterns":
                _forget_provenance(value)
            if value == {} and not was_empty:
                del data[name]
    elif isinstance(data, list):
        for value in data:
            _forget_provenance(value)


def _without_head(text: str) -> str:
    """Return a file without the comment at its start, which is about the other site."""
    return re.sub(r"\A(#[^\n]*\n|\s*\n)*", "", text)


def _head(called: str, newcomer: Newcomer) -> str:
    notice = (
        f"Made like {called}: the values are that site's, and so are the comments, "
        "until somebody has checked them for this one. Where a fact can have only one owner "
        "(location, capacity, addresses, who found out what) nothing was copied."
    )
    lines = [SCHEMA_LINE, *commented(newcomer.title)[:1], "#", *commented(notice)]
    return "\n".join(lines) + "\n"


class _Representer(RoundTripRepresenter):
    """Writes null, where ruamel.yaml would write nothing."""


_Representer.add_representer(
    type(None), lambda self, _: self.represent_scalar("tag:yaml.org,2002:null", "null")
)
