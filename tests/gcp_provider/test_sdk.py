"""The stand-in refuses what the SDK's types do not know."""

from __future__ import annotations

from typing import Any

import pytest

from tests.gcp_provider.sdk import UNKNOWN, arguments, problems

CLUSTER, POOL = "gcp:container/cluster:Cluster", "gcp:container/nodePool:NodePool"


@pytest.mark.parametrize(
    ("token", "inputs", "where"),
    [
        (CLUSTER, {"nmae": "x"}, "nmae"),
        (CLUSTER, {"name": 3}, "name"),
        (CLUSTER, {"initialNodeCount": 1.5}, "initialNodeCount"),
        (CLUSTER, {"initialNodeCount": True}, "initialNodeCount"),
        (CLUSTER, {"deletionProtection": "false"}, "deletionProtection"),
        (CLUSTER, {"nodeLocations": "a"}, "nodeLocations"),
        (CLUSTER, {"nodeLocations": ["a", 1]}, "nodeLocations[1]"),
        (CLUSTER, {"resourceLabels": {"a": 1}}, "resourceLabels.a"),
        (CLUSTER, {"releaseChannel": {}}, "releaseChannel.channel"),
        (CLUSTER, {"releaseChannel": {"channel": "R", "x": 1}}, "releaseChannel.x"),
        (POOL, {}, "cluster"),
        (POOL, {"cluster": "x", "nodeConfig": {"guestAccelerators": [{"type": "t"}]}},
         "nodeConfig.guestAccelerators[0].count"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named(token: str, inputs: dict[str, Any], where: str) -> None:
    assert [path for path, _ in problems(inputs, arguments(token))] == [where]


@pytest.mark.parametrize(
    ("token", "inputs"),
    [
        (CLUSTER, {"name": "x", "initialNodeCount": 1.0, "resourceLabels": {"a": "b"}}),
        (POOL, {"cluster": UNKNOWN, "nodeConfig": UNKNOWN, "initialNodeCount": UNKNOWN}),
    ],
)
def test_what_is_right_or_not_known_yet_is_taken(token: str, inputs: dict[str, Any]) -> None:
    assert list(problems(inputs, arguments(token))) == []
