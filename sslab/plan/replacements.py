"""Whether a changed resource is replaced, or its change refused, and why in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sslab.catalogue.quantity import parse_quantity
from sslab.plan.immutable import (
    DATA_OF_CONFIG_MAP,
    DATA_OF_SECRET,
    IDENTITY,
    REFUSED,
    REFUSED_REMEDY,
    REPLACED,
    Rule,
)
from sslab.plan.model import FieldChange, PlannedResource

CLUSTER = ("kubeconfig", "context", "cluster")
_CLAIM = ("spec", "resources", "requests", "storage")


def effective(after: PlannedResource, fields: Sequence[FieldChange]) -> tuple[FieldChange, ...]:
    """Return the changed fields without those that the program tells Pulumi to ignore."""
    ignored = after.options.get("ignore_changes", ())
    return tuple(change for change in fields if not any(touches(path, change) for path in ignored))


def replaced(
    after: PlannedResource, fields: Sequence[FieldChange], provider: Mapping[str, Any]
) -> tuple[str, ...]:
    """Return why a resource is replaced, nothing where it is changed as it stands.

    `provider` are the inputs of its provider, which say what it may change.
    """
    reasons = []
    for rule in _rules(after, provider):
        paths = [change.path for change in fields if any(touches(f, change) for f in rule.fields)]
        if paths:
            reasons.append(f"{paths[0]}: {rule.why}")
    wanted = after.options.get("replace_on_changes", ())
    for change in fields:
        if any(path == "*" or touches(path, change) for path in wanted):
            reasons.append(f"{change.path}: the program asks for another one where it changes")
            break
    return tuple(reasons)


def _rules(resource: PlannedResource, provider: Mapping[str, Any]) -> Iterator[Rule]:
    if resource.group:
        yield from IDENTITY
    if resource.group and resource.kind.endswith("Patch"):
        return  # the object is somebody else's: it is only ever changed
    yield from REPLACED.get(resource.type, ())
    yield from REPLACED.get(f"{resource.api}/{resource.kind}", ())
    for type_, switch, rule in (
        ("core/Secret", "enableSecretMutable", DATA_OF_SECRET),
        ("core/ConfigMap", "enableConfigMapMutable", DATA_OF_CONFIG_MAP),
    ):
        if resource.type == type_ and not (_on(provider, switch) and not _immutable(resource)):
            yield rule


def _on(provider: Mapping[str, Any], switch: str) -> bool:
    return str(provider.get(switch)).lower() == "true"


def _immutable(resource: PlannedResource) -> bool:
    return resource.inputs.get("immutable") is True


def refused(before: PlannedResource, after: PlannedResource, fields: Sequence[FieldChange]) -> str:
    """Return why the deployment would fail at a resource that is changed as it stands, or nothing.

    A replaced one is never refused.
    """
    for rule in REFUSED.get(after.type, ()):
        for change in fields:
            if any(touches(field, change) for field in rule.fields):
                return f"{change.path}: {rule.why}: {REFUSED_REMEDY}"
    if after.type in ("core/Secret", "core/ConfigMap") and _immutable(before):
        return f"the {after.kind} was made immutable: {REFUSED_REMEDY}"
    sizes = _size(before), _size(after)
    if after.type == "core/PersistentVolumeClaim" and None not in sizes and sizes[1] < sizes[0]:
        return (
            f"{'.'.join(_CLAIM)}: a volume cannot shrink: Kubernetes refuses the change and the "
            "deployment fails; keep the size, or copy the data into a smaller claim of another name"
        )
    return ""


def notes(after: PlannedResource, fields: Sequence[FieldChange]) -> tuple[str, ...]:
    """Return what a reader should know about a change that is neither of the two."""
    if after.token.startswith("pulumi:providers:"):
        moved = [change.path for change in fields if change.path in CLUSTER]
        if moved:
            return (
                f"{moved[0]}: if this leads to another cluster, every object of this provider is "
                "deleted there and made anew here; no plan can tell, it reads no kubeconfig",
            )
    elif not after.group and after.token not in REPLACED:
        return ("this plan has no table for the resource: it may be replaced as well",)
    elif after.type == "core/PersistentVolumeClaim" and any(
        change.steps == _CLAIM for change in fields
    ):
        return (f"{'.'.join(_CLAIM)}: grows, if its StorageClass has allowVolumeExpansion",)
    return ()


def _size(resource: PlannedResource) -> Any:
    try:
        return parse_quantity(str(resource.at(*_CLAIM)))
    except ValueError:
        return None


def touches(pattern: str, change: FieldChange) -> bool:
    """Tell whether a field (`spec.containers[*].image`) is, holds or is a part of what changed."""
    wanted = pattern.replace("[", ".[").lstrip(".").split(".")
    for expected, step in zip(wanted, change.steps, strict=False):
        if expected != step and not (expected == "[*]" and step.startswith("[")):
            return False
    rest = wanted[len(change.steps) :]
    return not rest or _has(change.before, rest) or _has(change.after, rest)


def _has(value: Any, steps: Sequence[str]) -> bool:
    """Tell whether there is something under the steps; `[*]` is any element of a list."""
    if not steps:
        return value is not None
    if steps[0] == "[*]":
        elements = value if isinstance(value, list) else ()
        return any(_has(element, steps[1:]) for element in elements)
    return isinstance(value, Mapping) and _has(value.get(steps[0]), steps[1:])
