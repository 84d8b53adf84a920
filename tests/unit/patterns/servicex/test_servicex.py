"""The smoke test of ServiceX against answers as its API gives them."""

from __future__ import annotations

import httpx
import pytest

from patterns.servicex import smoke_test
from sslab.checks.access import SiteAccess
from sslab.checks.errors import CheckError
from sslab.checks.model import passed
from tests.unit.patterns.answers import answering


def access(*generators: str, status: int = 200) -> SiteAccess:
    images = {name: f"http://{name}" for name in generators}
    body = {"app-version": "1.8.5", "code-gen-image": images, "capabilities": []}
    return answering({"/servicex": httpx.Response(status, json=body)}, "servicex")


def test_every_code_generator_that_is_asked_for_has_to_be_there() -> None:
    (found,) = smoke_test.run(access("uproot-raw", "uproot", "python", "topcp"))
    assert (found.check, found.value, passed(found)) == ("code generators that answer", 3, True)
    (found,) = smoke_test.run(access("uproot"))
    assert (found.value, passed(found)) == (1, False)


def test_an_api_that_is_broken_is_told() -> None:
    with pytest.raises(CheckError, match="ServiceX answered 500"):
        list(smoke_test.run(access(status=500)))
