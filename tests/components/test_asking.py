"""What a cloud is asked while the program runs, and how its refusal is told."""

from __future__ import annotations

import asyncio
from typing import Any

import pulumi
import pytest

from components.clusters.deployment import asked

FUNCTION = "openstack:networking/getNetwork:getNetwork"


def ask(monkeypatch: pytest.MonkeyPatch, says: Any) -> Any:
    async def invoke(function: str, words: Any, options: pulumi.InvokeOptions) -> Any:
        assert (function, words) == (FUNCTION, {"name": "public"})
        if isinstance(says, Exception):
            raise says
        return says

    monkeypatch.setattr("pulumi.runtime.invoke_async", invoke)
    return asyncio.run(asked(FUNCTION, {"name": "public"}, pulumi.ResourceOptions()))


def test_what_a_cloud_knows_is_returned(monkeypatch: pytest.MonkeyPatch) -> None:
    assert ask(monkeypatch, {"id": "one"})["id"] == "one"


def test_what_a_cloud_refuses_is_one_message(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(pulumi.RunError, match="Your query returned no results"):
        ask(monkeypatch, Exception("Your query returned no results"))
