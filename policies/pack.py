"""The rules as policies of Pulumi's engine."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from pulumi_policy import (
    EnforcementLevel,
    Policy,
    ReportViolation,
    ResourceValidationArgs,
    ResourceValidationPolicy,
)
from pulumi_policy.proxy import UnknownValueError

from policies.model import UNKNOWN, Resource
from policies.rules import Rule

if TYPE_CHECKING:
    from sslab.catalogue.contract import Powers


def policies(rules: Sequence[Rule], powers: Callable[[str], Powers]) -> list[Policy]:
    """Return one mandatory policy a rule, named like the rule with hyphens.

    `powers` finds the powers of a resource by its URN.
    """
    return [_policy(rule, powers) for rule in rules]


def _policy(rule: Rule, powers: Callable[[str], Powers]) -> ResourceValidationPolicy:
    def validate(args: ResourceValidationArgs, report: ReportViolation) -> None:
        if not args.resource_type.startswith("kubernetes:"):
            return
        resource = Resource(args.resource_type, args.name, args.urn, Inputs(args.props))
        for message in rule(resource, powers(args.urn)):
            report(message, None)

    return ResourceValidationPolicy(
        name=rule.__name__.replace("_", "-"),
        description=(rule.__doc__ or "").partition("\n")[0],
        validate=validate,
        enforcement_level=EnforcementLevel.MANDATORY,
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
