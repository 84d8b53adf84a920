"""Changes to the objects of a published chart, where the chart has no value for something."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pulumi

from components.values import Resources
from sslab.kubernetes.kinds import POD_SPECS

_STEPS = {key.rpartition("/")[2]: steps for key, steps in POD_SPECS.items()}


def name_of(given: Mapping[str, Any]) -> str:
    """Return what an object is called; nothing where it is none, as the chart itself."""
    return str((given.get("metadata") or {}).get("name", ""))


def with_pods(
    kind: str, given: dict[str, Any], change: Callable[[dict[str, Any]], dict[str, Any]]
) -> dict[str, Any]:
    """Return an object whose pods are specified as `change` returns them."""
    return _below(given, _STEPS[kind], change)


def with_containers(
    kind: str, given: dict[str, Any], change: Callable[[dict[str, Any]], dict[str, Any]]
) -> dict[str, Any]:
    """Return an object each container of whose pods is as `change` returns it."""

    def changed(pod: dict[str, Any]) -> dict[str, Any]:
        return {**pod, "containers": [change(each) for each in pod["containers"]]}

    return with_pods(kind, given, changed)


def with_resources(container: dict[str, Any], resources: Resources) -> dict[str, Any]:
    """Return a container that requests and takes so much."""
    return {**container, "resources": resources.as_values()}


def inside_only(given: dict[str, Any]) -> dict[str, Any]:
    """Return a Service that is reached from inside the cluster alone, at no port of the nodes."""
    spec = {key: value for key, value in given["spec"].items() if key != "externalIPs"}
    ports = [
        {key: value for key, value in port.items() if key != "nodePort"} for port in spec["ports"]
    ]
    return {**given, "spec": {**spec, "type": "ClusterIP", "ports": ports}}


def with_secrets(given: dict[str, Any], known: Mapping[str, pulumi.Input[str]]) -> dict[str, Any]:
    """Return a Secret in which these take the place of what the chart has made up."""
    data = given.get("data")
    changed = {**given, "stringData": dict(known)}
    if isinstance(data, Mapping):
        changed["data"] = {key: value for key, value in data.items() if key not in known}
    return changed


def _below(
    holder: dict[str, Any],
    steps: tuple[str, ...],
    change: Callable[[dict[str, Any]], dict[str, Any]],
) -> dict[str, Any]:
    if not steps:
        return change(holder)
    first, *rest = steps
    return {**holder, first: _below(holder[first], tuple(rest), change)}
