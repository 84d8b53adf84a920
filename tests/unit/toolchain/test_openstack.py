"""The table of the OpenStack plugin against the Python SDK that uses it."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[3] / "toolchain/pulumi-resource-openstack/main.go"
TOKENS = re.findall(r'"openstack_\w+":\s+"(\w+/\w+:\w+)"', SOURCE.read_text())


def test_every_resource_that_a_cluster_needs_is_in_the_table() -> None:
    assert len(TOKENS) == len(set(TOKENS)) >= 24


@pytest.mark.parametrize("token", TOKENS)
def test_the_sdk_asks_for_this_token(token: str) -> None:
    found = importlib.util.find_spec("pulumi_openstack")
    assert found is not None
    assert found.origin is not None
    room = Path(found.origin).parent / token.partition("/")[0]
    text = "".join(path.read_text() for path in room.glob("*.py"))
    assert f"'openstack:{token}'" in text
