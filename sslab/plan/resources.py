"""Resources of a plan, from what was recorded of a program."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sslab.plan.model import PlannedResource


def planned(recorded: Iterable[Mapping[str, Any]]) -> tuple[PlannedResource, ...]:
    """Return the resources that become something, sorted by key.

    The laboratory's own components do not: they only hold others. A component of a provider, such
    as a Helm chart, does.
    """
    found = [
        _planned(each)
        for each in recorded
        if each["custom"] or not each["token"].startswith(("ssl:", "pulumi:"))
    ]
    return tuple(sorted(found, key=lambda each: each.key))


def _planned(recorded: Mapping[str, Any]) -> PlannedResource:
    return PlannedResource(
        token=recorded["token"],
        name=recorded["name"],
        urn=recorded["urn"],
        key=key_of(recorded["urn"]),
        former=tuple(key_of(urn) for urn in recorded["aliases"]),
        provider=key_of(recorded["provider"].rpartition("::")[0]),
        custom=recorded["custom"],
        inputs=recorded["inputs"],
        secrets=frozenset(recorded["secrets"]),
        options=recorded["options"],
        digests={tuple(steps): digest for steps, digest in recorded["digests"]},
    )


def key_of(urn: str) -> str:
    """Return a URN without stack and project: `<outer type>$<own type>::<name>`."""
    parts = urn.split("::", 2)
    return parts[2] if len(parts) == 3 else ""
