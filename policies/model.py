"""What a rule sees of a resource: its inputs as plain data, and the path to each part of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from typing import Any, Final, Literal


class _Unknown(Enum):
    UNKNOWN = "unknown"


UNKNOWN: Final = _Unknown.UNKNOWN
"""A value that Pulumi learns only during the update; no rule takes it for a violation."""


@dataclass(frozen=True)
class Node:
    """One value inside a resource's inputs, and the path that leads to it.

    `missing` is what an absent value reads as: None, or `UNKNOWN` in a patch of an object, where
    what the patch leaves out is settled elsewhere.
    """

    value: Any
    path: str = ""
    missing: Literal[_Unknown.UNKNOWN] | None = None

    def child(self, *keys: str) -> Node:
        """Return the value under nested keys; a missing step makes it missing."""
        value, path = self.value, self.path
        for key in keys:
            path = f"{path}.{key}" if path else key
            if value is UNKNOWN:
                continue
            value = value.get(key) if isinstance(value, Mapping) else None
            if value is None:
                value = self.missing
        return Node(value, path, self.missing)

    def items(self) -> Iterator[Node]:
        """Iterate over a list's elements; anything but a list has none."""
        if isinstance(self.value, Sequence) and not isinstance(self.value, str | bytes):
            for index, value in enumerate(self.value):
                yield Node(value, f"{self.path}[{index}]", self.missing)

    def entries(self) -> Iterator[tuple[str, Node]]:
        """Iterate over a mapping's keys and values; anything but a mapping has none."""
        if isinstance(self.value, Mapping):
            for key, value in self.value.items():
                yield str(key), Node(value, f"{self.path}[{str(key)!r}]", self.missing)

    def words(self) -> frozenset[str]:
        """Return the strings of a list of strings."""
        return frozenset(node.value for node in self.items() if isinstance(node.value, str))

    @property
    def text(self) -> str | None:
        """The value where it is a string, else None."""
        return self.value if isinstance(self.value, str) else None

    @property
    def unknown(self) -> bool:
        """Whether the value is settled later or elsewhere."""
        return self.value is UNKNOWN

    @property
    def given(self) -> bool:
        """Whether there is a value that can be judged: neither absent, empty nor unknown."""
        return self.value is not UNKNOWN and self.value not in (None, "", (), [], {})


@dataclass(frozen=True)
class Resource:
    """A resource about to be created or updated.

    `token` is Pulumi's type, such as `kubernetes:apps/v1:Deployment`. `props` are the inputs as
    nested mappings, lists, strings, numbers and booleans, with `UNKNOWN` where a value is not
    known yet.
    """

    token: str
    name: str
    urn: str
    props: Mapping[str, Any]

    @cached_property
    def api(self) -> str:
        """The Kubernetes API version (`apps/v1`, `core/v1`); empty for any other resource."""
        package, _, rest = self.token.partition(":")
        version = rest.rpartition(":")[0] if package == "kubernetes" else ""
        return "core/v1" if version == "v1" else version

    @cached_property
    def group(self) -> str:
        """The Kubernetes API group (`core`, `apps`); empty for any other resource."""
        return self.api.partition("/")[0]

    @cached_property
    def patch(self) -> bool:
        """Whether it changes some fields of an object that somebody else made."""
        return bool(self.group) and self.token.endswith("Patch")

    @cached_property
    def kind(self) -> str:
        """The Kubernetes kind, for a patch the kind that it changes; else empty."""
        kind = self.token.rpartition(":")[2] if self.group else ""
        return kind.removesuffix("Patch")

    @cached_property
    def root(self) -> Node:
        """The whole of the inputs."""
        return Node(self.props, missing=UNKNOWN if self.patch else None)


_POD_SPECS: Final[Mapping[str, tuple[str, ...]]] = {
    "Pod": ("spec",),
    "PodTemplate": ("template", "spec"),
    "CronJob": ("spec", "jobTemplate", "spec", "template", "spec"),
} | dict.fromkeys(
    ("Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "ReplicationController", "Job"),
    ("spec", "template", "spec"),
)
_POD_GROUPS: Final = frozenset({"core", "apps", "batch", "extensions"})


def pod_spec(resource: Resource) -> Node | None:
    """Return the specification of the pods that a resource makes, or None where it makes none."""
    if resource.group not in _POD_GROUPS or resource.kind not in _POD_SPECS:
        return None
    return resource.root.child(*_POD_SPECS[resource.kind])


def pod_specs(resource: Resource) -> Iterator[Node]:
    """Iterate over the pod specifications of a resource: one or none."""
    spec = pod_spec(resource)
    if spec is not None:
        yield spec


def containers(resource: Resource) -> Iterator[Node]:
    """Iterate over every container of a resource's pods: ordinary, init and ephemeral ones."""
    for spec in pod_specs(resource):
        for field in ("initContainers", "containers", "ephemeralContainers"):
            yield from spec.child(field).items()


def label(container: Node) -> str:
    """Return how a message calls a container."""
    name = container.child("name").text
    return f'container "{name}"' if name else "a container"


def violation(what: str, at: Node, why: str, remedy: str) -> str:
    """Return a rule's message: what is wrong and where, why it matters, the remedy."""
    return f"{what} ({at.path}): {why}; {remedy}"
