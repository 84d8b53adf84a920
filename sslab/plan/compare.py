"""Comparing two recordings of a site: which resource is which, and what happens to each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from sslab.plan import fields as fields_
from sslab.plan import losses, replacements
from sslab.plan.model import CHANGE_KINDS, Change, FieldChange, PlannedResource
from sslab.plan.secrecy import HIDDEN, safe

Resources = Sequence[PlannedResource]
PROVIDER = "pulumi:providers:"


def compare(before: Resources, after: Resources) -> tuple[Change, ...]:
    """Return what a deployment of `after` does where `before` is deployed, the gravest first."""
    pairs, moved, gone, new = _match(before, after)
    providers = {each.key: each for each in after if each.token.startswith(PROVIDER)}
    found = [_changed(old, this, providers) for old, this in pairs]
    found += [_moved(old, this) for old, this in moved]
    found += [addition(each) for each in new]
    found += [_deleted(each) for each in gone]
    return _ordered(_with_their_provider([each for each in found if each], pairs))


def additions(resources: Resources) -> tuple[Change, ...]:
    """Return the changes where nothing is deployed."""
    return _ordered(addition(each) for each in resources)


def deletions(resources: Resources) -> tuple[Change, ...]:
    """Return the changes where everything is taken away."""
    return _ordered(_deleted(each) for each in resources)


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
    old: PlannedResource, new: PlannedResource, providers: Mapping[str, PlannedResource]
) -> Change | None:
    """Return what happens to one resource, None where nothing does."""
    fields = replacements.effective(new, _fields(old, new))
    if not fields:
        return None
    provider = providers.get(new.provider)
    reasons = replacements.replaced(new, fields, provider.inputs if provider else {})
    if reasons:
        return _replaced(old, new, fields, reasons)
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
) -> Change:
    return Change("replace", new, fields, (*reasons, *_kept(old)), *_end(old))


def _deleted(resource: PlannedResource) -> Change:
    return Change("delete", resource, (), _kept(resource), *_end(resource))


def _end(resource: PlannedResource) -> tuple[str, str]:
    """Return what is lost with a resource, and why it cannot be deleted."""
    if resource.options.get("protect"):
        return "", (
            "the resource is protected: Pulumi refuses to delete it and the deployment fails; take "
            "`protect` off it in a change of its own if it is to go"
        )
    return losses.lost(resource), ""


def _kept(resource: PlannedResource) -> tuple[str, ...]:
    stays = losses.kept(resource)
    return (stays,) if stays else ()


def _moved(old: PlannedResource, new: PlannedResource) -> Change:
    reason = (
        f"the object stays the same, but moves in the program from {old.key} to {new.key}: Pulumi "
        "updates it as the new resource and then deletes the old one, which is the same object, so "
        "that it is gone until the next deployment; state the old place in the new one's "
        "`aliases` (pulumi.Alias)"
    )
    return _replaced(old, new, _fields(old, new), (reason,))


def _with_their_provider(changes: list[Change], pairs: Pairs) -> list[Change]:
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
            others[new.key] = _replaced(old, new, fields, (reason,))
    return list(others.values())
