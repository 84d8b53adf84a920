"""Comparing two recordings of a site: which resource is which, and what happens to each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from sslab.plan import fields as fields_
from sslab.plan import losses, replacements
from sslab.plan.losses import Losses
from sslab.plan.model import CHANGE_KINDS, Change, FieldChange, PlannedResource
from sslab.plan.secrecy import HIDDEN, safe
from sslab.safety.lines import Lines

Resources = Sequence[PlannedResource]
PROVIDER = "pulumi:providers:"


def compare(before: Resources, after: Resources, lines: Lines | None = None) -> tuple[Change, ...]:
    """Return what a deployment of `after` does where `before` is deployed, the gravest first.

    `lines` say which data may be lost; the loss of any other is refused. None: nothing is.
    """
    ends = Losses.of(before, lines)
    pairs, moved, gone, new = _match(before, after)
    providers = {each.key: each for each in after if each.token.startswith(PROVIDER)}
    found = [_changed(old, this, providers, ends) for old, this in pairs]
    found += [_moved(old, this, ends) for old, this in moved]
    found += [addition(each) for each in new]
    found += [_deleted(each, ends) for each in gone]
    return _ordered(_with_their_provider([each for each in found if each], pairs, ends))


def additions(resources: Resources) -> tuple[Change, ...]:
    """Return the changes where nothing is deployed."""
    return _ordered(addition(each) for each in resources)


def deletions(resources: Resources) -> tuple[Change, ...]:
    """Return the changes where everything is taken away."""
    ends = Losses.of(resources)
    return _ordered(_deleted(each, ends) for each in resources)


def addition(resource: PlannedResource) -> Change:
    """Return the change that makes a resource."""
    return Change("add", resource)


def _ordered(changes: Iterable[Change]) -> tuple[Change, ...]:
    def rank(change: Change) -> tuple[bool, int, str]:
        harmless = not (change.loses or change.refused)
        return harmless, CHANGE_KINDS.index(change.kind), change.resource.label

    return tuple(sorted(changes, key=rank))


Pairs = list[tuple[PlannedResource, PlannedResource]]


def _match(
    before: Resources, after: Resources
) -> tuple[Pairs, Pairs, list[PlannedResource], list[PlannedResource]]:
    """Return what is the same resource, the same object as another resource, gone, and new."""
    old = {each.key: each for each in before}
    # as Pulumi does: by its own URN first, then by those that the program says it had
    pairs: Pairs = [(old.pop(each.key), each) for each in after if each.key in old]
    rest: list[PlannedResource] = []
    own = {each.key for _, each in pairs}
    for each in after:
        former = next((key for key in each.former if key in old), None)
        if each.key not in own and former is not None:
            pairs.append((old.pop(former), each))
        elif each.key not in own:
            rest.append(each)
    objects = {each.identity: each for each in old.values() if each.identity}
    moved: Pairs = []
    new: list[PlannedResource] = []
    for each in rest:
        same = objects.pop(each.identity, None) if each.identity else None
        if same is None:
            new.append(each)
        else:
            moved.append((old.pop(same.key), each))
    return pairs, moved, list(old.values()), new


def _changed(
    old: PlannedResource,
    new: PlannedResource,
    providers: Mapping[str, PlannedResource],
    ends: Losses,
) -> Change | None:
    """Return what happens to one resource, None where nothing does."""
    fields = replacements.effective(new, _fields(old, new))
    if not fields:
        return None
    provider = providers.get(new.provider)
    reasons = replacements.replaced(new, fields, provider.inputs if provider else {})
    if reasons:
        return _replaced(old, new, fields, reasons, ends)
    return Change(
        "change",
        new,
        fields,
        replacements.notes(new, fields),
        refused=replacements.refused(old, new, fields),
    )


def _fields(old: PlannedResource, new: PlannedResource) -> tuple[FieldChange, ...]:
    secrets = old.secrets | new.secrets
    shown = tuple(
        safe(replace(each, secret=_within(each, secrets)))
        for each in fields_.changes(old.inputs, new.inputs)
    )
    told = {each.steps for each in shown}
    return shown + tuple(
        FieldChange(steps, HIDDEN, HIDDEN, secret=True)
        for steps, digest in sorted(new.digests.items())
        if old.digests.get(steps, digest) != digest and steps not in told
    )


def _within(change: FieldChange, secrets: Iterable[str]) -> bool:
    """Tell whether a changed field is kept encrypted, a part of such a field, or holds one."""
    steps = [step.strip("[]") for step in change.steps]
    for secret in secrets:
        length = min(len(steps), secret.count(".") + 1)
        if steps[:length] == secret.split(".")[:length]:
            return True
    return False


def _replaced(
    old: PlannedResource,
    new: PlannedResource,
    fields: tuple[FieldChange, ...],
    reasons: tuple[str, ...],
    ends: Losses,
) -> Change:
    return _ended(Change("replace", new, fields, reasons), old, ends)


def _deleted(resource: PlannedResource, ends: Losses) -> Change:
    return _ended(Change("delete", resource), resource, ends)


def _ended(change: Change, old: PlannedResource, ends: Losses) -> Change:
    """Return a change by which a resource ends with what is lost, and why it cannot be."""
    notes = (losses.kept(old), ends.allowed(old))
    reasons = (*change.reasons, *(note for note in notes if note))
    loses = ends.lost(old)
    refused = ""
    if old.options.get("protect") and not loses:
        refused = (
            "the resource is protected: Pulumi refuses to delete it and the deployment fails; take "
            "`protect` off it in a change of its own if it is to go"
        )
    return replace(
        change, reasons=reasons, loses=loses, unallowed=ends.refused(old), refused=refused
    )


def _moved(old: PlannedResource, new: PlannedResource, ends: Losses) -> Change:
    reason = (
        f"the object stays the same, but moves in the program from {old.key} to {new.key}: Pulumi "
        "updates it as the new resource and then deletes the old one, which is the same object, so "
        "that it is gone until the next deployment; state the old place in the new one's "
        "`aliases` (pulumi.Alias)"
    )
    return _replaced(old, new, _fields(old, new), (reason,), ends)


def _with_their_provider(changes: list[Change], pairs: Pairs, ends: Losses) -> list[Change]:
    """Replace every resource of a provider that is replaced, as Pulumi does."""
    replaced = {
        change.resource.key
        for change in changes
        if change.kind == "replace" and change.resource.token.startswith(PROVIDER)
    }
    if not replaced:
        return changes
    reason = "its provider is replaced: Pulumi makes it anew in the new one and deletes it here"
    others = {change.resource.key: change for change in changes}
    for old, new in pairs:
        if new.provider in replaced and new.custom:
            known = others.get(new.key)
            fields = known.fields if known else ()
            others[new.key] = _replaced(old, new, fields, (reason,), ends)
    return list(others.values())
