"""The rules of one site file that compare fields with each other."""

from __future__ import annotations

from collections.abc import Iterator

from sslab.site import types
from sslab.site.cluster import ExistingCluster, GkeCluster, HpcSite, OpenStackCluster
from sslab.site.diagnostics import Diagnostic
from sslab.site.document import Document, FieldPath, shown
from sslab.site.google_maintenance import google_maintenance
from sslab.site.model import Site
from sslab.site.object_storage import SeaweedFS
from sslab.site.own_cvmfs import own_cvmfs
from sslab.site.own_metallb import own_metallb
from sslab.site.scheduling import own_kueue, queues
from sslab.site.substrate import MetalLB, Nothing, OctaviaBalancer, TraefikIngress

_NEEDED = {
    "quota": "quota: {cpu: 4, memory: 6Gi, pods: 50}",
    "storage": "storage: {capacity: 20Gi}",
    "ingress": "ingress: {kind: class, class_name: nginx, domain: ssl.example.edu}",
    "load_balancing": "load_balancing: {kind: none}",
}


def consistency_rules(document: Document, site: Site) -> Iterator[Diagnostic]:
    """Yield what is wrong with one site whose fields, each by itself, are right."""
    for rule in _RULES:
        yield from rule(document, site)


def _complete(document: Document, site: Site) -> Iterator[Diagnostic]:
    """An active site has no unknown where a deployment starts from."""
    if site.status != "active":
        return
    if isinstance(site.cluster, HpcSite):
        yield document.at_value(
            ("status",),
            "a site of kind hpc has no cluster to deploy to",
            'write "status: planned"',
        )
        return
    for name, example in _NEEDED.items():
        if getattr(site, name) is None:
            yield document.at_key(
                (name,),
                "is not known, and an active site needs it",
                f'add it, as in "{example}", or write "status: planned"',
            )
    if isinstance(site.cluster, ExistingCluster) and site.cluster.context is None:
        yield document.at_key(
            ("cluster", "context"),
            "is not known, and an active site needs it",
            'name the kubeconfig context, or write "status: planned"',
        )


def _cluster(document: Document, site: Site) -> Iterator[Diagnostic]:
    cluster = site.cluster
    if isinstance(cluster, OpenStackCluster):
        needed = "template" if cluster.method == "magnum" else "image"
        if getattr(cluster, needed) is None:
            yield document.at_key(
                ("cluster", needed),
                f"is missing, and the method {cluster.method} needs it",
                "add it to cluster, or choose the other cluster.method",
            )
    if isinstance(cluster, GkeCluster):
        yield from _apart(
            document,
            {
                ("cluster", "pod_network"): cluster.pod_network,
                ("cluster", "service_network"): cluster.service_network,
                ("cni", "node_network"): site.cni.node_network,
            },
        )
    if not isinstance(cluster, GkeCluster | OpenStackCluster):
        return
    names: set[str] = set()
    for index, pool in enumerate(cluster.node_pools):
        path: FieldPath = ("cluster", "node_pools", index)
        if isinstance(cluster, OpenStackCluster) and pool.disk:
            yield document.at_key(
                (*path, "disk"),
                "is Google's only: on OpenStack the flavor has it",
                "delete it, or choose a flavor with a larger disk",
            )
        if pool.least > pool.most:
            yield document.at_value(
                (*path, "least"),
                f"{pool.least} nodes at least are more than the {pool.most} at most",
                "lower it, or raise most",
            )
        if pool.name in names:
            yield document.at_value(
                (*path, "name"), f"{shown(pool.name)} is here a second time", "give it another name"
            )
        names.add(pool.name)


def _apart(document: Document, networks: dict[FieldPath, str | None]) -> Iterator[Diagnostic]:
    """Yield the networks that overlap an earlier one."""
    told: list[tuple[FieldPath, str]] = []
    for path, network in networks.items():
        if network is None:
            continue
        for other_path, other in told:
            if overlap(network, other):
                yield document.at_value(
                    path,
                    f"{network} overlaps {'.'.join(map(str, other_path))} ({other})",
                    "give each network addresses of its own",
                )
                break
        told.append((path, network))


def _namespace_scope(document: Document, site: Site) -> Iterator[Diagnostic]:
    privilege = site.privilege
    if privilege.scope == "cluster":
        if privilege.namespaces:
            yield document.at_key(
                ("privilege", "namespaces"),
                "is for the scope namespace; with the scope cluster the laboratory makes its own",
                'delete it, or write "scope: namespace"',
            )
        return
    if not privilege.namespaces and site.status == "active":
        yield document.at_key(
            ("privilege", "namespaces"),
            "is missing, and the scope namespace needs it",
            "list the namespaces that the site has made for the laboratory",
        )
    for name in ("crds", "privileged", "host_path"):
        if getattr(privilege, name):
            yield document.at_value(
                ("privilege", name),
                "cannot be true with the scope namespace",
                'write false, or "scope: cluster" if the administrators agree',
            )
    if isinstance(site.ingress, TraefikIngress):
        yield document.at_value(
            ("ingress", "kind"),
            "traefik makes an IngressClass and a ClusterRole, which the scope namespace forbids",
            'write "kind: class" with the site\'s own IngressClass, or "kind: gateway"',
        )


def _storage(document: Document, site: Site) -> Iterator[Diagnostic]:
    storage = site.storage
    if storage is not None and storage.rwx_class and storage.rwx_server:
        yield document.at_key(
            ("storage", "rwx_server"),
            "stands beside rwx_class, and only one of them can give ReadWriteMany",
            "delete one of the two",
        )
    if isinstance(site.object_storage, SeaweedFS) and storage is None:
        yield document.at_value(
            ("object_storage", "kind"),
            "seaweedfs keeps its objects in a volume, and the site has no storage",
            "add storage, or choose another kind",
        )


def _load_balancing(document: Document, site: Site) -> Iterator[Diagnostic]:
    balancing = site.load_balancing
    path: FieldPath = ("load_balancing", "kind")
    if isinstance(balancing, OctaviaBalancer) and not isinstance(
        site.cluster, OpenStackCluster | ExistingCluster
    ):
        yield document.at_value(
            path,
            "octavia is OpenStack's, and the cluster is none of OpenStack's",
            "choose another kind",
        )
    if isinstance(site.ingress, TraefikIngress) and isinstance(balancing, Nothing):
        yield document.at_value(
            path,
            "nothing would lead to the Traefik that the laboratory runs",
            "choose node-ports, metallb or the cloud's",
        )
    if isinstance(balancing, MetalLB):
        yield from _metallb(document, site, balancing)


def _metallb(document: Document, site: Site, balancing: MetalLB) -> Iterator[Diagnostic]:
    nodes = site.cni.node_network
    for index, part in enumerate(balancing.pool):
        path: FieldPath = ("load_balancing", "pool", index)
        if nodes is not None and not within(part, nodes):
            yield document.at_value(
                path,
                f"{part} is outside the node network {nodes}, where nobody would find it",
                "take free addresses of cni.node_network",
            )
        elif any(overlap(part, other) for other in balancing.pool[:index]):
            yield document.at_value(
                path, f"{part} overlaps another part of the pool", "list each address once"
            )
    address = balancing.address
    if address is not None and not any(within(address, part) for part in balancing.pool):
        yield document.at_value(
            ("load_balancing", "address"),
            f"{address} is not in the pool",
            "take one of load_balancing.pool, or add it there",
        )


def _network(document: Document, site: Site) -> Iterator[Diagnostic]:
    network = site.network
    if network is not None and network.egress_hosts and network.egress != "listed":
        yield document.at_key(
            ("network", "egress_hosts"),
            "only counts where egress is listed",
            'write "egress: listed", or delete it',
        )


def _provenance(document: Document, _: Site) -> Iterator[Diagnostic]:
    """Whoever claims to know says where from."""
    for path in _facts(document.data, ()):
        stated = document.get(*path, "confidence")
        if stated in ("verified", "public") and document.get(*path, "source") is None:
            yield document.at_value(
                (*path, "confidence"),
                f"is {stated}, and nothing says where it comes from",
                'add "source: ..." beside it',
            )


def _facts(data: object, path: FieldPath) -> Iterator[FieldPath]:
    """Yield the paths of the mappings that state a confidence; patterns' settings are no facts."""
    if isinstance(data, dict):
        if "confidence" in data:
            yield path
        for name, value in data.items():
            if (*path, name) != ("patterns",):
                yield from _facts(value, (*path, name))
    elif isinstance(data, list):
        for index, value in enumerate(data):
            yield from _facts(value, (*path, index))


def within(part: str, whole: str) -> bool:
    """Tell whether an address, network or range is inside another."""
    version, first, last = types.bounds(part)
    other, low, high = types.bounds(whole)
    return version == other and low <= first and last <= high


def overlap(one: str, other: str) -> bool:
    """Tell whether two addresses, networks or ranges have an address in common."""
    version, first, last = types.bounds(one)
    second, low, high = types.bounds(other)
    return version == second and first <= high and low <= last


_RULES = (
    _complete,
    _cluster,
    _namespace_scope,
    _storage,
    _load_balancing,
    own_metallb,
    own_cvmfs,
    own_kueue,
    queues,
    _network,
    google_maintenance,
    _provenance,
)
