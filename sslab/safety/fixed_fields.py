"""Fields of a site file that cannot be changed where the site is deployed, and why.

The program writes them into the stack's output `site`, so that what is deployed is known without
the file that it was deployed from. docs/migrations.md has a section on each.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from sslab.catalogue.contract import Contract
from sslab.catalogue.layers import LAYER_NAMESPACES
from sslab.safety.lines import Lines
from sslab.site.cluster import GkeCluster, HpcSite, OpenStackCluster
from sslab.site.diagnostics import Diagnostic
from sslab.site.document import Document, FieldPath
from sslab.site.model import Site
from sslab.site.object_storage import GcsObjects, SeaweedFS

OUTPUT: Final = "site"
"""The stack's output with the fixed fields that are deployed."""

PAGE: Final = "docs/migrations.md"
NODE_NETWORK: Final = "10.0.0.0/20"
"""The network of a made cluster's nodes, where the site file has no `cni.node_network`."""

_CLUSTER = ("Cluster", "Instance")
_CLAIM = ("PersistentVolumeClaim",)

Modes = Collection[str]
"""The access modes in which the laboratory claims volumes at a site."""


@dataclass(frozen=True)
class Fixed:
    """One field: when it is fixed, why (told in the middle of a sentence), and its value.

    A standing line of `data_loss` for an object of one of the `kinds` lets it change.
    """

    path: str
    why: str
    applies: Callable[[Site, Modes], bool]
    kinds: tuple[str, ...] = ()
    value: Callable[[Site], Any] | None = None

    def of(self, site: Site) -> Any:
        """Return what a site file says there, None where it says nothing."""
        if self.value is not None:
            return self.value(site)
        found: Any = site
        for step in self.path.split("."):
            found = getattr(found, step, None)
        return found


def _at_google(site: Site, _: Modes) -> bool:
    return isinstance(site.cluster, GkeCluster)


def _on_openstack(site: Site, _: Modes) -> bool:
    return isinstance(site.cluster, OpenStackCluster)


def _own_buckets(site: Site, _: Modes) -> bool:
    made = isinstance(site.object_storage, GcsObjects) and isinstance(site.cluster, GkeCluster)
    return made and bool(site.buckets)


FIELDS: Final = (
    Fixed(
        "name",
        "the stack, the state and what a cloud has made are called like that",
        lambda *_: True,
    ),
    Fixed(
        "cluster.kind",
        "everything is on the cluster of that kind, and would be made anew on another one",
        lambda site, _: not isinstance(site.cluster, HpcSite),
    ),
    Fixed("cluster.project", "the cluster cannot leave its project", _at_google, _CLUSTER),
    Fixed("cluster.region", "the cluster cannot leave its region", _at_google, _CLUSTER),
    Fixed(
        "cluster.pod_network",
        "Google makes another cluster for another network of pods",
        _at_google,
        _CLUSTER,
    ),
    Fixed(
        "cluster.service_network",
        "Google makes another cluster for another network of Services",
        _at_google,
        _CLUSTER,
    ),
    Fixed(
        "cluster.cloud",
        "the cluster is in that cloud, and would be made anew in another one",
        _on_openstack,
        _CLUSTER,
    ),
    Fixed(
        "cluster.method",
        "another method makes another cluster, and the volumes go with this one",
        _on_openstack,
        _CLUSTER,
    ),
    Fixed(
        "cluster.template",
        "Magnum makes another cluster from another template",
        lambda site, _: (
            isinstance(site.cluster, OpenStackCluster) and site.cluster.method == "magnum"
        ),
        _CLUSTER,
    ),
    Fixed(
        "cni.node_network",
        "the nodes have their addresses from it, and would all be made anew",
        lambda site, modes: _at_google(site, modes) or _on_openstack(site, modes),
        _CLUSTER,
        lambda site: site.cni.node_network or NODE_NETWORK,
    ),
    Fixed(
        "privilege.scope",
        "it says in which namespaces everything is, and a claim cannot move to another one",
        lambda _, modes: bool(modes),
        _CLAIM,
    ),
    Fixed(
        "privilege.namespaces",
        "everything is in the first of them, and a claim cannot move to another one",
        lambda site, modes: bool(modes) and site.privilege.scope == "namespace",
        _CLAIM,
        lambda site: next(iter(site.privilege.namespaces), None),
    ),
    Fixed(
        "storage.rwo_class",
        "the class of a claim that holds data cannot be changed",
        lambda _, modes: "ReadWriteOnce" in modes,
        _CLAIM,
    ),
    Fixed(
        "storage.rwx_class",
        "the class of a claim that holds data cannot be changed",
        lambda site, modes: "ReadWriteMany" in modes and _rwx_class(site) is not None,
        _CLAIM,
    ),
    Fixed(
        "object_storage.kind",
        "the buckets are in the storage that the laboratory has made, and would be left behind",
        lambda site, modes: isinstance(site.object_storage, SeaweedFS) or _own_buckets(site, modes),
        (*_CLAIM, "Bucket"),
    ),
    Fixed("object_storage.prefix", "a bucket cannot be renamed", _own_buckets, ("Bucket",)),
    Fixed("object_storage.location", "a bucket cannot be moved", _own_buckets, ("Bucket",)),
)


def _rwx_class(site: Site) -> str | None:
    return site.storage.rwx_class if site.storage else None


def access_modes(site: Site, contracts: Mapping[str, Contract]) -> frozenset[str]:
    """Return the access modes in which the laboratory claims volumes at a site."""
    asked = [contracts[name] for name in site.patterns if name in contracts]
    modes = {volume.access_mode for contract in asked for volume in contract.needs.storage}
    return frozenset({*modes, *(["ReadWriteOnce"] if _runs_storage(site) else [])})


def data_namespaces(site: Site, contracts: Mapping[str, Contract]) -> frozenset[str]:
    """Return the namespaces of the layers and patterns that claim volumes, where they are ours."""
    patterns = {name for name in site.patterns if name in contracts}
    keep = {name for name in patterns if contracts[name].needs.storage}
    return frozenset(keep | ({LAYER_NAMESPACES["ObjectStorage"]} if _runs_storage(site) else set()))


def _runs_storage(site: Site) -> bool:
    return isinstance(site.object_storage, SeaweedFS)


def deployed_fields(site: Site, contracts: Mapping[str, Contract]) -> dict[str, Any]:
    """Return the fields that are fixed once a site is deployed, with their values."""
    modes = access_modes(site, contracts)
    return {each.path: each.of(site) for each in FIELDS if each.applies(site, modes)}


def refusals(
    document: Document, site: Site, deployed: Mapping[str, Any], lines: Lines
) -> Iterator[Diagnostic]:
    """Yield the fields of a site's file that are not as they are deployed.

    `deployed` is what `deployed_fields` returned then.
    """
    standing = {each.object.partition("/")[0] for each in lines.lines if lines.holds(each)}
    for each in FIELDS:
        if each.path not in deployed or standing & set(each.kinds):
            continue
        before, now = deployed[each.path], each.of(site)
        if before != now:
            path: FieldPath = tuple(each.path.split("."))
            yield document.at_value(
                path,
                f"{_shown(now)} cannot take the place of {_shown(before)}, which is deployed: "
                f"{each.why}",
                f"{PAGE}#{each.path.replace('.', '')} says how to migrate",
            )


def _shown(value: Any) -> str:
    return "nothing" if value is None else str(value)
