"""What a rule sees of a resource, its inputs as plain data with their paths; and what it says."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from typing import Any, Final, Literal

from sslab.kubernetes.kinds import POD_SPECS


class _Unknown(Enum):
    UNKNOWN = "unknown"


UNKNOWN: Final = _Unknown.UNKNOWN
"""A value that Pulumi learns only during the update; no rule takes it for a violation."""

HIDDEN: Final = "(secret)"
"""How a recording (`sslab.engine.recording`) writes what the stack keeps encrypted."""


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
            if value is UNKNOWN or value == HIDDEN:
                value = UNKNOWN
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
        nodes = [node for node in self.items() if not node.unknown]
        return frozenset(node.text for node in nodes if node.text is not None)

    @property
    def text(self) -> str | None:
        """The value where it is a string, else None."""
        return self.value if isinstance(self.value, str) else None

    @property
    def unknown(self) -> bool:
        """Whether the value is settled later or elsewhere, or cannot be seen."""
        return self.value is UNKNOWN or self.value == HIDDEN

    @property
    def unsettled(self) -> bool:
        """Whether a list or one of its elements is unknown."""
        return self.unknown or any(node.unknown for node in self.items())

    @property
    def given(self) -> bool:
        """Whether there is a value that can be judged: neither absent, empty nor unknown."""
        return not self.unknown and self.value not in (None, "", (), [], {})


@dataclass(frozen=True)
class Violation:
    """One way in which a resource breaks a rule: what is wrong, where, why it matters, the remedy.

    `path` leads to the place inside the resource's inputs.
    """

    what: str
    path: str
    why: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.what} ({self.path}): {self.why}; {self.remedy}"


def violation(what: str, at: Node, why: str, remedy: str) -> Violation:
    """Return a violation at a part of the inputs."""
    return Violation(what, at.path, why, remedy)


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


def pod_spec(resource: Resource) -> Node | None:
    """Return the specification of the pods that a resource makes, or None where it makes none."""
    group = "apps" if resource.group == "extensions" else resource.group  # as it once was called
    path = POD_SPECS.get(f"{group}/{resource.kind}")
    return None if path is None else resource.root.child(*path)


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


def effective(container: Node, spec: Node, *keys: str) -> Node:
    """Return the container's own security setting where it has one, else the pod's."""
    own = Node(container.value, container.path).child("securityContext", *keys)
    return own if own.value is not None else spec.child("securityContext", *keys)


def node_folders(resource: Resource) -> Iterator[Node]:
    """Iterate over the volumes that are folders of the node, in pods and in persistent volumes."""
    fields = [
        volume.child("hostPath")
        for spec in pod_specs(resource)
        for volume in spec.child("volumes").items()
    ]
    if resource.kind == "PersistentVolume":
        fields += [resource.root.child("spec", source) for source in ("hostPath", "local")]
    yield from (field for field in fields if field.value is not None and not field.unknown)
