"""Protection: no deployment deletes or replaces what holds data.

It is put on by type, for all that the laboratory makes: nobody who writes a pattern has to think of
it. `sslab up` takes it off where a line of the site file lets data go.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Mapping
from typing import Any

import pulumi

from sslab.safety import holding


class Protection:
    """What protects a laboratory, as a transformation of all its resources."""

    def __init__(self, namespaces: frozenset[str]) -> None:
        """Take the namespaces in which volumes are claimed: they are protected with the claims."""
        self._namespaces = namespaces
        self._held: list[pulumi.CustomResource] = []

    def transformation(
        self, resource: pulumi.ResourceTransformationArgs
    ) -> pulumi.ResourceTransformationResult | None:
        """Return a resource with protection, where it holds data and says nothing itself."""
        type_, at = holding.type_of(resource.type_), _reader(resource.props)
        own = at("metadata", "name") or resource.name
        is_data = own in self._namespaces if type_ == holding.NAMESPACE else holding.held(type_, at)
        if not is_data or resource.opts.protect is not None:
            return None
        if isinstance(resource.resource, pulumi.CustomResource):
            self._held.append(resource.resource)
        options = copy.copy(resource.opts)
        options.protect = True
        return pulumi.ResourceTransformationResult(resource.props, options)

    def once_deployed(self, value: str) -> pulumi.Output[str]:
        """Return a value that is known once everything that holds data is there.

        A deployment that Pulumi refuses to replace something in does not tell it.
        """
        return pulumi.Output.all(*(each.id for each in self._held)).apply(lambda _: value)


def protected_in_chart(
    resource: pulumi.ResourceTransformArgs,
) -> pulumi.ResourceTransformResult | None:
    """Protect what holds data in a chart, whose objects the engine asks about; None: it does not.

    The kinds that a chart defines go with it: nothing else uses them.
    """
    if not holds_data_in_chart(resource.type_, resource.props):
        return None
    resource.opts.protect = True
    return pulumi.ResourceTransformResult(resource.props, resource.opts)


def holds_data_in_chart(token: str, props: Mapping[str, Any]) -> bool:
    """Tell whether an object of a chart holds data."""
    type_ = holding.type_of(token)
    defines = type_ == "apiextensions.k8s.io/CustomResourceDefinition"
    return not defines and bool(holding.held(type_, _reader(props)))


def _reader(props: Mapping[str, Any]) -> holding.At:
    """Return how inputs are read by the names that Kubernetes and the clouds give them."""

    def at(*steps: str) -> Any:
        value: Any = props
        for step in steps:
            snake = re.sub("(?<!^)(?=[A-Z])", "_", step).lower()
            if isinstance(value, Mapping):
                value = value.get(step, value.get(snake))
            else:
                value = getattr(value, snake, None)
        return None if isinstance(value, pulumi.Output) and steps[-1] != "volumeName" else value

    return at
