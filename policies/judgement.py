"""Judging one resource by one policy: the rule, and the exemptions of the site file."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING

from policies.model import Resource, Violation

if TYPE_CHECKING:
    from policies.policy import Grants, Policy
    from sslab.site.agreement import Exemption


@dataclass(frozen=True)
class Finding:
    """A violation, and the exemption in the site file that excuses it."""

    violation: Violation
    exemption: Exemption | None = None


def findings(policy: Policy, resource: Resource, grants: Grants, today: date) -> Iterator[Finding]:
    """Iterate over what a policy has against a resource, the excused included."""
    if not resource.group:
        return
    exemptions = [
        each
        for each in grants.site.exemptions
        if each.policy == policy.id and _is_object(each.object, resource)
    ]
    held = [each for each in exemptions if today <= date.fromisoformat(each.expires)]
    for violation in policy.rule(resource, grants):
        if not exemptions:
            yield Finding(violation)
        elif not policy.exemptable:
            yield _refused(violation, f"{grants.site_file} cannot exempt anything from it")
        elif held:
            yield Finding(violation, held[0])
        else:
            last = max(each.expires for each in exemptions)
            yield _refused(violation, f"the exemption in {grants.site_file} ended on {last}")


def _refused(violation: Violation, why: str) -> Finding:
    return Finding(replace(violation, why=f"{violation.why}, and {why}"))


def _is_object(named: str, resource: Resource) -> bool:
    """Tell whether an exemption's `Kind/name` or `Kind/namespace/name` is this resource.

    `Kind/name` is that object in whichever namespace, and a namespace that Pulumi does not know
    yet may be the right one.
    """
    kind, _, rest = named.partition("/")
    namespace, _, name = rest.rpartition("/")
    metadata = resource.root.child("metadata")
    own, stated = metadata.child("name"), metadata.child("namespace")
    if (kind, name) != (resource.kind, own.text or resource.name):
        return False
    return not namespace or stated.unknown or namespace == stated.text
