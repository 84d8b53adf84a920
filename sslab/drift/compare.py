"""From the events of Pulumi's refresh to what has drifted.

For each object the engine works out what `up` would do with it after the refresh if the program
were what it was: that is what counts as drift here. The events have every secret masked already.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from sslab.drift.model import FieldDrift, ObjectDrift
from sslab.drift.property_path import MISSING, Steps, parse, value_at
from sslab.kubernetes.managed_fields import last_owner
from sslab.plan.model import FieldChange
from sslab.plan.secrecy import HIDDEN, safe

SIGNATURE: Final = "4dabf18193072939515e22adb298388d"
"""The key that marks a special value in Pulumi's JSON."""

SECRET: Final = "1b47061264138c4ac30d75fd1eb44270"
SECRET_FIELDS: Final = ("data", "stringData")

Event = Mapping[str, Any]


def drifted_objects(events: Iterable[Event]) -> tuple[ObjectDrift, ...]:
    """Return what of a stack has drifted, by type and name."""
    found = [each for event in events if (each := _drift(_metadata(event))) is not None]
    return tuple(sorted(found, key=lambda each: (each.type, each.name)))


def counted(events: Iterable[Event]) -> int:
    """Return how many objects the refresh has looked at."""
    return sum(_is_object(_metadata(event)) for event in events)


def _metadata(event: Event) -> Mapping[str, Any]:
    return (event.get("resOutputsEvent") or {}).get("metadata") or {}


def _is_object(step: Mapping[str, Any]) -> bool:
    """Tell whether a step is about something that the stack has made outside Pulumi."""
    state = step.get("old") or {}
    is_provider = str(step.get("type", "")).startswith("pulumi:")
    return bool(state.get("custom")) and not state.get("external") and not is_provider


def _drift(step: Mapping[str, Any]) -> ObjectDrift | None:
    if not _is_object(step) or step["op"] not in ("delete", "update"):
        return None
    name = _name(step)
    if step["op"] == "delete":
        return ObjectDrift(step["type"], name, "gone")
    return ObjectDrift(step["type"], name, "changed", tuple(_fields(step)))


def _name(step: Mapping[str, Any]) -> str:
    """Return how the object is called where it is: with its namespace, in Kubernetes."""
    inputs = step["old"].get("inputs") or {}
    metadata = inputs.get("metadata") if step["type"].startswith("kubernetes:") else None
    if isinstance(metadata, Mapping) and isinstance(metadata.get("name"), str):
        names = (metadata.get("namespace"), metadata["name"])
        return "/".join(each for each in names if isinstance(each, str))
    own = inputs.get("name")
    return own if isinstance(own, str) else str(step["urn"]).rpartition("::")[2]


def _fields(step: Mapping[str, Any]) -> Iterator[FieldDrift]:
    detailed = step.get("detailedDiff") or {path: {} for path in step.get("diffs") or ()}
    live = step["new"].get("outputs") or {}
    for path, difference in sorted(detailed.items()):
        steps = parse(path)
        change = safe(_change(step, steps, str(difference.get("diffKind", ""))))
        owner = last_owner(live, steps) if step["type"].startswith("kubernetes:") else None
        yield FieldDrift(
            change.path,
            change.before,
            change.after,
            owner.manager if owner else None,
            owner.time if owner else None,
        )


def _change(step: Mapping[str, Any], steps: Steps, kind: str) -> FieldChange:
    """Return a field as it was deployed and as it is; `kind` is what the engine calls the change.

    What the program has set is in the inputs, and the refresh brings those of now with it. A field
    that is in neither is one that the provider has answered.
    """
    shown = _shown(step, steps)
    secret = _secret(step, steps)
    before, after = MISSING, MISSING
    for part in ("inputs", "outputs"):
        before = value_at(step["old"].get(part), steps)
        after = value_at(step["new"].get(part), steps)
        if before is not after and before != after:
            break
    if secret:
        # what the engine says of a field whose values it has masked is all that is known
        before = MISSING if kind.startswith("add") else HIDDEN
        after = MISSING if kind.startswith("delete") else HIDDEN
    return FieldChange(shown, _plain(before), _plain(after), secret)


def _secret(step: Mapping[str, Any], steps: Steps) -> bool:
    """Tell whether a field is a part of something secret."""
    if step["type"].endswith(":Secret") and steps[:1] and steps[0] in SECRET_FIELDS:
        return True
    states = [step[side].get(part) for side in ("old", "new") for part in ("inputs", "outputs")]
    return any(
        _is_secret(value_at(state, steps[:length]))
        for state in states
        for length in range(1, len(steps) + 1)
    )


def _is_secret(value: Any) -> bool:
    return isinstance(value, Mapping) and value.get(SIGNATURE) == SECRET


def _plain(value: Any) -> Any:
    """Return a value without Pulumi's marks; None where there is none."""
    if value is MISSING:
        return None
    if _is_secret(value):
        return HIDDEN
    if isinstance(value, Mapping):
        return {key: _plain(each) for key, each in value.items() if not key.startswith("__")}
    return [_plain(each) for each in value] if isinstance(value, list) else value


def _shown(step: Mapping[str, Any], steps: Steps) -> tuple[str, ...]:
    """Return steps as the plan shows them: elements of lists by their names, if they have any."""
    shown = []
    for index, each in enumerate(steps):
        if isinstance(each, str):
            shown.append(each)
            continue
        elements = [
            value_at(step[side].get("inputs"), steps[: index + 1]) for side in ("old", "new")
        ]
        names = {element.get("name") for element in elements if isinstance(element, Mapping)}
        name = names.pop() if len(names) == 1 else None
        shown.append(f"[{name if isinstance(name, str) else each}]")
    return tuple(shown)
