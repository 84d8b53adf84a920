"""The pods that a planned resource makes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sslab.kubernetes.kinds import POD_SPECS
from sslab.plan.model import PlannedResource

CONTAINERS = ("initContainers", "containers", "ephemeralContainers")


def pod_spec(resource: PlannedResource) -> Mapping[str, Any] | None:
    """Return the specification of the pods that a resource makes, None where it makes none."""
    path = POD_SPECS.get(resource.type)
    found = resource.at(*path) if path else None
    return found if isinstance(found, Mapping) else None


def containers(spec: Mapping[str, Any], *fields: str) -> Iterator[Mapping[str, Any]]:
    """Iterate over the containers of a pod, by default those of every field."""
    for field in fields or CONTAINERS:
        yield from mappings(spec.get(field))


def mappings(value: Any) -> Iterator[Mapping[str, Any]]:
    """Iterate over the mappings in a list; anything else has none."""
    if isinstance(value, list):
        yield from (each for each in value if isinstance(each, Mapping))


def mapping(value: Any) -> Mapping[str, Any]:
    """Return a value if it is a mapping, else an empty one."""
    return value if isinstance(value, Mapping) else {}
