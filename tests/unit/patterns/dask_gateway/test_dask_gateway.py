"""The smoke test of Dask Gateway against answers as its API gives them."""

from __future__ import annotations

import httpx
import pytest

from patterns.dask_gateway import smoke_test
from sslab.checks.access import SiteAccess
from sslab.checks.errors import CheckError
from sslab.checks.model import passed
from tests.unit.patterns.answers import answering


def access(health: str, status: int = 200) -> SiteAccess:
    answer = httpx.Response(status, json={"status": health})
    return answering({"/api/health": answer}, "dask-gateway")


@pytest.mark.parametrize(("health", "right"), [("pass", True), ("warn", False)])
def test_only_a_healthy_gateway_passes(health: str, right: bool) -> None:
    (found,) = smoke_test.run(access(health))
    assert passed(found) is right


def test_a_gateway_that_fails_is_told() -> None:
    with pytest.raises(CheckError, match="the gateway answered 503"):
        list(smoke_test.run(access("fail", 503)))
