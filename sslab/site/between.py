"""The rules between site files: what no two sites may share."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from ipaddress import ip_network
from pathlib import PurePath

from sslab.site.cluster import LocalCluster
from sslab.site.diagnostics import Diagnostic
from sslab.site.document import Document, FieldPath
from sslab.site.model import Site
from sslab.site.object_storage import GcsObjects, S3Objects, SwiftObjects
from sslab.site.substrate import MetalLB
from sslab.site.types import bounds

_PRIVATE = tuple(
    # RFC 1918, RFC 6598, RFC 4193: two campuses may both use them
    map(ip_network, ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fc00::/7"))
)


def rules_between(documents: Sequence[Document], sites: Mapping[str, Site]) -> Iterator[Diagnostic]:
    """Yield what two files claim both, told at the later one.

    `sites` are the sites whose fields are right, by their documents' `file`.
    """
    claimed: dict[tuple[str, object], str] = {}
    for document in documents:
        for path, what, claim in _claims(document, sites.get(document.file)):
            owner = claimed.setdefault((what, claim), document.file)
            if owner != document.file and not document.is_broken(path):
                yield document.at_value(
                    path, f"{what} is taken by {owner} already", "give each site its own"
                )
    yield from _addresses(documents, sites)


def _claims(document: Document, site: Site | None) -> Iterator[tuple[FieldPath, str, object]]:
    """Yield field, description and value of what no two sites may share."""
    for path, what in ((("name",), "the name"), (("ingress", "domain"), "the domain")):
        value = document.get(*path)
        is_own = path != ("name",) or value == PurePath(document.file).stem
        if isinstance(value, str) and is_own:
            yield path, what, value
    if site is None:
        return
    if isinstance(site.cluster, LocalCluster) and site.context is None and site.reached:
        # embedded clusters side by side publish their ingress on one loopback
        yield ("ingress", "port"), "the port on this machine's loopback", site.port
    if site.context is not None:
        own = site.privilege.namespaces[:1] if site.privilege.scope == "namespace" else ()
        field = ("privilege", "namespaces") if own else ("cluster", "context")
        what = f"the namespace {own[0]} of the cluster" if own else "the cluster"
        yield field, f"{what} {site.context}", own
    if isinstance(site.object_storage, S3Objects | SwiftObjects | GcsObjects):
        storage = site.object_storage
        # whatever address it is reached by, Google's is one
        where = "gcs" if isinstance(storage, GcsObjects) else storage.endpoint
        for index, bucket in enumerate(storage.buckets):
            name = f"{storage.prefix}{bucket}"
            yield ("object_storage", "buckets", index), f"the bucket {name} of {where}", name


def _addresses(documents: Sequence[Document], sites: Mapping[str, Site]) -> Iterator[Diagnostic]:
    """Yield public addresses of a load balancer that an earlier file has too.

    The claims are sorted, so that each is compared with those that can reach it only: many sites
    are checked in the time it takes to read them.
    """
    claims = [
        (*bounds(text), order, path, text)
        for order, document in enumerate(documents)
        if (site := sites.get(document.file)) is not None
        for path, text in _addresses_of(site)
        if not _is_private(*bounds(text)[:2])
    ]
    reach: dict[int, list[tuple[int, int]]] = {}
    for version, first, last, order, path, text in sorted(claims, key=lambda one: one[:4]):
        open_claims = [one for one in reach.get(version, []) if one[0] >= first]
        for _, other in open_claims:
            if other == order:
                continue
            later, earlier = max(order, other), min(order, other)
            place = path if later == order else _path_at(sites[documents[later].file], first)
            yield documents[later].at_value(
                place,
                f"the address {text.partition('-')[0].partition('/')[0]} is taken by "
                f"{documents[earlier].file} already",
                "give each site its own",
            )
            break
        reach[version] = [*open_claims, (last, order)]


def _addresses_of(site: Site) -> Iterator[tuple[FieldPath, str]]:
    balancing = site.load_balancing
    address = getattr(balancing, "address", None)
    if isinstance(balancing, MetalLB):
        for index, part in enumerate(balancing.pool):
            yield ("load_balancing", "pool", index), part
    elif address is not None:
        yield ("load_balancing", "address"), address


def _path_at(site: Site, address: int) -> FieldPath:
    """Return the field of a site that holds an address."""
    held = (
        path for path, text in _addresses_of(site) if bounds(text)[1] <= address <= bounds(text)[2]
    )
    return next(held, ("load_balancing",))


def _is_private(version: int, address: int) -> bool:
    return any(
        network.version == version
        and int(network.network_address) <= address <= int(network.broadcast_address)
        for network in _PRIVATE
    )
