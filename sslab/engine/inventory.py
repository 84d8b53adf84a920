"""What Pulumi remembers of a deployment: its resources, and what each depends on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from sslab.safety import holding
from sslab.safety.lines import names_of

STACK = "pulumi:pulumi:Stack"
PROVIDER = "pulumi:providers:"


@dataclass(frozen=True)
class Deployed:
    """One resource that is deployed; `needs` are the URNs that it cannot be without."""

    urn: str
    token: str
    custom: bool
    protected: bool
    retained: bool
    parent: str
    needs: frozenset[str]
    inputs: Mapping[str, Any]

    @cached_property
    def type(self) -> str:
        """What tables know it by, as `sslab.safety.holding` has it."""
        return holding.type_of(self.token)

    @property
    def kind(self) -> str:
        """The last part of its type: `Deployment`."""
        return self.token.rpartition(":")[2]

    @property
    def at(self) -> holding.At:
        """How its inputs are read."""
        return holding.reader(self.inputs)

    @property
    def names(self) -> tuple[str, ...]:
        """What it may be called in `data_loss`, the usual name first."""
        return names_of(self.kind, self.urn.rpartition("::")[2], self.at)

    @property
    def on_cluster(self) -> bool:
        """Whether it is an object in the Kubernetes cluster."""
        return self.custom and self.token.startswith("kubernetes:")

    @property
    def is_thing(self) -> bool:
        """Whether it is something outside of Pulumi's books: no component and no provider."""
        return self.custom and not self.token.startswith("pulumi:")


@dataclass(frozen=True)
class Inventory:
    """The resources of a stack, and its outputs; empty where nothing is deployed."""

    resources: tuple[Deployed, ...] = ()
    outputs: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def read(cls, document: Mapping[str, Any]) -> Inventory:
        """Return what `pulumi stack export` tells."""
        found = (document.get("deployment") or {}).get("resources") or ()
        stack: Mapping[str, Any] = next((each for each in found if each["type"] == STACK), {})
        # what a replacement has left to delete has its successor's URN
        present = tuple(_deployed(each) for each in found if not each.get("delete"))
        return cls(present, stack.get("outputs") or {})

    @cached_property
    def by_urn(self) -> Mapping[str, Deployed]:
        """The resources by their URNs."""
        return {each.urn: each for each in self.resources}

    @cached_property
    def with_data(self) -> tuple[tuple[Deployed, str], ...]:
        """The resources that hold data, and what is lost with each."""
        namespaces = holding.namespaces_with_data((each.type, each.at) for each in self.resources)

        def lost(each: Deployed) -> str:
            if each.type == holding.NAMESPACE:
                name = each.at("metadata", "name")
                return holding.HELD[holding.NAMESPACE] if name in namespaces else ""
            return holding.held(each.type, each.at)

        found = ((each, lost(each)) for each in self.resources if each.custom and not each.retained)
        return tuple((each, what) for each, what in found if what)

    def with_needs(self, urns: Iterable[str]) -> frozenset[str]:
        """Return URNs and all that those resources cannot be without."""
        found: set[str] = set()
        waiting = list(urns)
        while waiting:
            urn = waiting.pop()
            if urn in self.by_urn and urn not in found:
                found.add(urn)
                waiting += self.by_urn[urn].needs
        return frozenset(found)

    def component(self, resource: Deployed) -> str:
        """Return the name of the layer or pattern that a resource belongs to."""
        parents = list(self._parents(resource))
        patterns = [each for each in parents if each.token.startswith("ssl:patterns:")]
        layers = [each for each in parents if each.token.startswith("ssl:components:")]
        for each in (*patterns, *layers):
            return each.urn.rpartition("::")[2]
        return "laboratory"

    def _parents(self, resource: Deployed) -> Iterator[Deployed]:
        above = self.by_urn.get(resource.parent)
        while above is not None:
            yield above
            above = self.by_urn.get(above.parent)


def _deployed(entry: Mapping[str, Any]) -> Deployed:
    provider = str(entry.get("provider") or "").rpartition("::")[0]
    by_field = (entry.get("propertyDependencies") or {}).values()
    needs = {
        entry.get("parent"),
        provider,
        entry.get("deletedWith"),
        *(entry.get("dependencies") or ()),
        *(urn for urns in by_field for urn in urns or ()),
        *(entry.get("replaceWith") or ()),
    }
    return Deployed(
        urn=entry["urn"],
        token=entry["type"],
        custom=bool(entry.get("custom")) and not entry.get("external"),
        protected=bool(entry.get("protect")),
        retained=bool(entry.get("retainOnDelete")),
        parent=str(entry.get("parent") or ""),
        needs=frozenset(str(each) for each in needs if each),
        inputs=entry.get("inputs") or {},
    )
