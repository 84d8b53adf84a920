"""What goes with a laboratory and what is kept, before anything is done."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from sslab.destroying.live import Live, Thing, Volume
from sslab.engine.inventory import Deployed, Inventory
from sslab.safety import holding
from sslab.safety.lines import Lines

SYSTEM = frozenset({"default", "kube-node-lease", "kube-public", "kube-system"})
"""The namespaces of every cluster, where the laboratory is a guest and others' things are not told.

A driver's configuration may be there."""


@dataclass(frozen=True)
class Survey:
    """What is deployed, and what becomes of it.

    `data` is what is lost with each resource that holds data and does not go by a line of the site
    file. `live` is what the cluster told, None where there is nothing on it or no cluster any more.
    """

    inventory: Inventory
    data: Mapping[str, str]
    with_data: bool
    live: Surroundings | None = None

    @cached_property
    def kept(self) -> frozenset[str]:
        """The URNs that are kept: what holds data, what is protected, and what those need."""
        if self.with_data:
            return frozenset()
        return self.inventory.with_needs(self.data)

    @property
    def kept_things(self) -> tuple[Deployed, ...]:
        """What is kept."""
        return tuple(each for each in self._things if each.urn in self.kept)

    @property
    def goes(self) -> tuple[Deployed, ...]:
        """What goes."""
        return tuple(each for each in self._things if each.urn not in self.kept)

    @property
    def by_component(self) -> Mapping[str, tuple[Deployed, ...]]:
        """What goes, by the layer or pattern that it belongs to."""
        found: dict[str, list[Deployed]] = {}
        for each in self.goes:
            found.setdefault(self.inventory.component(each), []).append(each)
        return {name: tuple(each) for name, each in sorted(found.items())}

    @property
    def unprotected(self) -> tuple[str, ...]:
        """The URNs of what is protected in Pulumi's books and goes by a line of the site file."""
        going = {each.urn for each in self.goes}
        return tuple(
            each.urn for each in self.inventory.resources if each.protected and each.urn in going
        )

    @property
    def namespaces(self) -> frozenset[str]:
        """The namespaces that something of the laboratory is in."""
        return frozenset(
            thing.name if thing.kind == "Namespace" else thing.namespace
            for thing in self.ours
            if thing.kind == "Namespace" or thing.namespace
        )

    @property
    def ours(self) -> frozenset[Thing]:
        """What the laboratory has in the cluster."""
        return frozenset(things(self.inventory.resources))

    @property
    def _things(self) -> tuple[Deployed, ...]:
        return tuple(each for each in self.inventory.resources if each.is_thing)


@dataclass(frozen=True)
class Surroundings:
    """What is in the laboratory's namespaces and is not the laboratory's, and its claims' volumes.

    `goes` are those in namespaces that go; `stays` those in namespaces that stay. `volumes` is None
    where the account may not see volumes.
    """

    goes: tuple[Thing, ...]
    stays: tuple[Thing, ...]
    volumes: tuple[Volume, ...] | None


def survey(inventory: Inventory, lines: Lines, *, with_data: bool) -> Survey:
    """Return what becomes of a deployment; the cluster is not asked."""
    data = {
        each.urn: what for each, what in inventory.with_data if lines.standing(each.names) is None
    }
    other = {
        each.urn: "it is protected in Pulumi's books"
        for each in inventory.resources
        if each.protected and each.urn not in data and lines.standing(each.names) is None
    }
    return Survey(inventory, {**other, **data}, with_data)


def surroundings(found: Survey, live: Live) -> Surroundings:
    """Return what is around the laboratory in its cluster. Raises DestroyError without answer."""
    kinds = live.kinds()
    foreign = sorted(
        thing
        for namespace in sorted(found.namespaces - SYSTEM)
        for thing in live.inside(namespace, kinds)
        if thing not in found.ours
    )
    made = {each.at("metadata", "name") for each in found.goes if each.type == holding.NAMESPACE}
    return Surroundings(
        goes=tuple(each for each in foreign if each.namespace in made),
        stays=tuple(each for each in foreign if each.namespace not in made),
        volumes=live.volumes(found.namespaces),
    )


def things(resources: Iterable[Deployed]) -> Iterable[Thing]:
    """Yield the objects of a cluster that resources are."""
    for each in resources:
        name = each.at("metadata", "name")
        if each.on_cluster and name:
            group, kind = each.type.split("/", 1)
            namespace = str(each.at("metadata", "namespace") or "")
            yield Thing("" if group == "core" else group, kind, namespace, str(name))
