"""Whether the program is deployed, or only recorded for a plan; asking a cloud when it is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pulumi
from pulumi.runtime.proto.resource_pb2_grpc import ResourceMonitorStub
from pulumi.runtime.settings import get_monitor


def deployed() -> bool:
    """Tell whether an engine runs the program: a plan is recorded without cloud and account."""
    return isinstance(get_monitor(), ResourceMonitorStub)


def looked_up(name: str, lookup: Callable[[], pulumi.Output[str]]) -> pulumi.Output[str]:
    """Return the id of what a site file names; in a plan, where nobody can be asked, the name."""
    return lookup() if deployed() else pulumi.Output.from_input(name)


async def asked(
    function: str, words: Mapping[str, Any], child: pulumi.ResourceOptions
) -> Mapping[str, Any]:
    """Return what a function of the child's provider says; what it refuses is one message."""
    options = pulumi.InvokeOptions(provider=child.provider)
    try:
        said = await pulumi.runtime.invoke_async(function, dict(words), options)
    except Exception as refusal:
        raise pulumi.RunError(str(refusal)) from None
    assert isinstance(said, dict)
    return said
