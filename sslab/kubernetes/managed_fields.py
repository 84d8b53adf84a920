"""Who owns a field of a Kubernetes object, as its `metadata.managedFields` tell.

The API server keeps the fields of each manager as a tree (`FieldsV1`): `f:` leads to a field, `k:`
to the element of a list with these keys, `v:` to the element with this value, `i:` to one by its
index. An empty tree owns everything from there on.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Owner:
    """A field's manager, such as `kubectl-edit`, and when it last changed any of its fields."""

    manager: str
    time: str | None


def last_owner(live: Mapping[str, Any], steps: Sequence[str | int]) -> Owner | None:
    """Return who of the owners of a field changed it last; None where nobody owns it.

    `live` is the object as the API server has it, `steps` lead to the field in it.
    """
    metadata = live.get("metadata")
    entries = metadata.get("managedFields") if isinstance(metadata, Mapping) else None
    owners = [
        Owner(str(entry.get("manager", "")), entry.get("time"))
        for entry in entries or ()
        if _owns(entry.get("fieldsV1"), live, steps)
    ]
    return max(owners, key=lambda owner: owner.time or "", default=None)


def _owns(tree: Any, value: Any, steps: Sequence[str | int]) -> bool:
    """Tell whether a tree of fields covers what the steps lead to in a value."""
    if not isinstance(tree, Mapping):
        return False
    if not steps:
        return True
    step, *rest = steps
    if isinstance(step, int):
        inside = value[step] if isinstance(value, list) and step < len(value) else None
        branches = [key for key in tree if _names_element(key, inside, step)]
    else:
        inside = value.get(step) if isinstance(value, Mapping) else None
        branches = [key for key in tree if key == f"f:{step}"]
    return any(
        # a tree with nothing in it has the whole value, a list that is replaced in one piece
        not tree[branch] or _owns(tree[branch], inside, rest)
        for branch in branches
    )


def _names_element(key: str, element: Any, index: int) -> bool:
    kind, _, text = key.partition(":")
    if kind == "i":
        return text == str(index)
    if kind not in ("k", "v"):
        return False
    wanted = json.loads(text)
    if kind == "v":
        return bool(wanted == element)
    if not isinstance(element, Mapping):
        return False
    # a key that the element leaves out has its default, such as a port's protocol
    return all(element.get(name, value) == value for name, value in wanted.items())
