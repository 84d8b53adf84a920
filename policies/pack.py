"""The policies as Pulumi's engine knows them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

from pulumi_policy import (
    EnforcementLevel,
    ReportViolation,
    ResourceValidationArgs,
    ResourceValidationPolicy,
)
from pulumi_policy.proxy import UnknownValueError

from policies.judgement import findings
from policies.model import UNKNOWN, Resource

if TYPE_CHECKING:
    from policies.policy import Grants, Policy


def engine_policy(
    policy: Policy, grants: Callable[[str], Grants], today: date
) -> ResourceValidationPolicy:
    """Return a policy for the engine, which is told of no violation that is exempted.

    `grants` finds by its URN what a resource may do; `today` is the day by which exemptions end.
    """

    def validate(args: ResourceValidationArgs, report: ReportViolation) -> None:
        if not args.resource_type.startswith("kubernetes:"):
            return
        resource = Resource(args.resource_type, args.name, args.urn, Inputs(args.props))
        for finding in findings(policy, resource, grants(args.urn), today):
            if finding.exemption is None:
                report(f"{finding.violation}; see {policy.page}", None)

    return ResourceValidationPolicy(
        name=policy.id,
        description=policy.description,
        validate=validate,
        enforcement_level=EnforcementLevel(policy.severity),
    )


class Inputs(Mapping[str, Any]):
    """A resource's inputs as plain data, copied out of pulumi-policy's proxies when asked for.

    Most rules look at few fields of few kinds, and a resource definition's `spec` has thousands.
    """

    def __init__(self, proxy: Mapping[str, Any]) -> None:
        self._proxy = proxy

    def __getitem__(self, key: str) -> Any:
        """Return a plain copy of the value, `UNKNOWN` where it is not known before the update."""
        return _known(self._proxy, key)

    def __iter__(self) -> Iterator[str]:
        """Iterate over the names of the inputs."""
        return iter(self._proxy)

    def __len__(self) -> int:
        """Return how many inputs there are."""
        return len(self._proxy)


def _known(proxy: Any, key: str | int) -> Any:
    try:
        return _plain(proxy[key])
    except UnknownValueError:
        return UNKNOWN


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _known(value, key) for key in value}
    if isinstance(value, Sequence) and not isinstance(value, str | bytes):
        return [_known(value, index) for index in range(len(value))]
    return value
