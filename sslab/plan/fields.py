"""Comparing two resources field by field."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from difflib import SequenceMatcher
from typing import Any

from sslab.plan.model import FieldChange

NAMES = ("name", "mountPath")
"""The fields by which Kubernetes tells elements of a list apart."""

Steps = tuple[str, ...]


def changes(before: Any, after: Any, steps: Steps = ()) -> Iterator[FieldChange]:
    """Yield what differs between two values, as deep as both have the same form.

    Elements of lists are compared by their names where they have any, so that one more container
    is one change. A field that is null is one that is not there.
    """
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        for key in sorted({*before, *after}):
            yield from changes(before.get(key), after.get(key), (*steps, key))
    elif _is_list(before) and _is_list(after):
        yield from _lists(before, after, steps)
    elif before != after or isinstance(before, bool) != isinstance(after, bool):  # 1 == True
        yield FieldChange(steps, before, after)


def _is_list(value: Any) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str)


def _lists(before: Sequence[Any], after: Sequence[Any], steps: Steps) -> Iterator[FieldChange]:
    for field in NAMES:
        old, new = _named(before, field), _named(after, field)
        if old is None or new is None:
            continue
        for name in sorted({*old, *new}):
            yield from changes(old.get(name), new.get(name), (*steps, f"[{name}]"))
        common = [name for name in old if name in new]
        if common != [name for name in new if name in old]:
            yield FieldChange((*steps, "[order]"), list(old), list(new))
        return
    yield from _plain_lists(before, after, steps)


def _named(values: Sequence[Any], field: str) -> dict[str, Any] | None:
    """Return elements by name, None where they have none or share one."""
    names = [each.get(field) if isinstance(each, Mapping) else None for each in values]
    if not all(isinstance(name, str) for name in names) or len(set(names)) < len(names):
        return None
    return {str(name): each for name, each in zip(names, values, strict=True)}


def _plain_lists(
    before: Sequence[Any], after: Sequence[Any], steps: Steps
) -> Iterator[FieldChange]:
    old, new = [_text(each) for each in before], [_text(each) for each in after]
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    for kind, start, end, new_start, new_end in matcher.get_opcodes():
        if kind == "equal":
            continue
        for offset in range(max(end - start, new_end - new_start)):
            index, new_index = start + offset, new_start + offset
            yield from changes(
                before[index] if index < end else None,
                after[new_index] if new_index < new_end else None,
                (*steps, f"[{new_index if new_index < new_end else index}]"),
            )


def _text(value: Any) -> str:
    return json.dumps(value, sort_keys=True)
