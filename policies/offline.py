"""The policies without Pulumi's engine, on what `sslab.engine.recording` recorded: `sslab plan`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from policies.judgement import Finding, findings
from policies.model import Resource
from policies.owners import Owners, grants_of, known_owners
from policies.policy import Policy
from policies.rules import POLICIES
from policies.sites import site_of


def judge(
    repository: Path,
    site: str,
    resources: Sequence[Mapping[str, Any]],
    today: date | None = None,
) -> list[dict[str, Any]]:
    """Judge the recorded resources of a site, and return what the policies have against them.

    Each finding has the keys `policy`, `severity`, `resource` (its URN), `what`, `where` (the path
    inside its inputs), `message`, `remedy`, `page` and `exempted`: None, or the reason and the end
    of the exemption that excuses it. They are sorted by resource, policy and path. `today` is the
    day by which exemptions end. Raises SiteError and ContractError where files are wrong.
    """
    grants_for = grants_of(repository, _owners(repository.resolve()), site_of(repository, site))
    found = []
    for each in resources:
        resource = Resource(each["token"], each["name"], each["urn"], each["inputs"])
        grants = grants_for(resource.urn)
        found += [
            _told(policy, resource, finding)
            for policy in POLICIES
            for finding in findings(policy, resource, grants, today or date.today())
        ]
    return sorted(found, key=lambda each: (each["resource"], each["policy"], each["where"]))


@cache
def _owners(repository: Path) -> Owners:
    return known_owners(repository)


def _told(policy: Policy, resource: Resource, finding: Finding) -> dict[str, Any]:
    exemption = finding.exemption
    return {
        "policy": policy.id,
        "severity": policy.severity,
        "resource": resource.urn,
        "what": finding.violation.what,
        "where": finding.violation.path,
        "message": str(finding.violation),
        "remedy": finding.violation.remedy,
        "page": policy.page,
        "exempted": f"{exemption.reason}, until {exemption.expires}" if exemption else None,
    }
