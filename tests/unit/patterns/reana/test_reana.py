"""The smoke test of REANA against answers as its server gives them."""

from __future__ import annotations

import httpx
import pytest

from patterns.reana import smoke_test
from sslab.checks.access import SiteAccess
from sslab.checks.errors import CheckError
from sslab.checks.model import passed
from tests.unit.patterns.answers import answering


def access(message: str, status: int = 200) -> SiteAccess:
    answer = httpx.Response(status, json={"message": message, "status": str(status)})
    return answering({"/api/ping": answer}, "reana")


@pytest.mark.parametrize(("message", "right"), [("OK", True), ("maintenance", False)])
def test_only_a_server_that_is_well_passes(message: str, right: bool) -> None:
    (found,) = smoke_test.run(access(message))
    assert passed(found) is right


def test_a_server_that_fails_is_told() -> None:
    with pytest.raises(CheckError, match="REANA answered 502"):
        list(smoke_test.run(access("bad gateway", 502)))
