"""The smoke test of BinderHub against answers as it gives them, and what its hub runs."""

from __future__ import annotations

import io
import json
import urllib.request
from types import SimpleNamespace
from typing import Any
from unittest.mock import Mock

import httpx
import pulumi
import pytest

from components.oidc import Client
from patterns.binderhub import login, smoke_test
from sslab.checks.access import SiteAccess
from sslab.checks.errors import CheckError
from sslab.checks.model import passed
from tests.unit.patterns.answers import answering


def access(status: int, ok: bool) -> SiteAccess:
    answer = httpx.Response(status, json={"ok": ok, "checks": []})
    return answering({"/health": answer}, "binderhub")


@pytest.mark.parametrize(("status", "ok"), [(200, True), (503, False)])
def test_only_a_healthy_hub_passes(status: int, ok: bool) -> None:
    (found,) = smoke_test.run(access(status, ok))
    assert passed(found) is ok


def test_a_hub_that_does_not_answer_is_told() -> None:
    with pytest.raises(CheckError, match="BinderHub answered 404"):
        list(smoke_test.run(access(404, False)))


def client(*providers: str) -> Client:
    return Client(
        issuer="https://login.example.edu/",
        client_id="laboratory",
        client_secret=Mock(spec=pulumi.Output),  # which is in none of this
        identity_providers=providers,
        username_claim="eppn",
        groups_claim="groups",
    )


def started(of: Client, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Run the hub's program as the hub does, before an issuer; return what it has configured."""
    asked = []

    def answer(address: str, timeout: int) -> io.BytesIO:
        asked.append(address)
        names = ("authorization", "token", "userinfo")
        return io.BytesIO(json.dumps({f"{n}_endpoint": f"https://x/{n}" for n in names}).encode())

    monkeypatch.setattr(urllib.request, "urlopen", answer)
    c = SimpleNamespace(GenericOAuthenticator=SimpleNamespace())
    exec(login.program(of), {"c": c})  # as the hub does
    assert asked == ["https://login.example.edu/.well-known/openid-configuration"]
    return c.GenericOAuthenticator


def test_the_hub_asks_the_issuer_for_its_addresses(monkeypatch: pytest.MonkeyPatch) -> None:
    found = started(client(), monkeypatch)
    assert vars(found) == {
        "authorize_url": "https://x/authorization",
        "token_url": "https://x/token",
        "userdata_url": "https://x/userinfo",
    }
    assert login.options(client(), "https://hub")["allow_all"] is True


def test_only_members_of_the_sites_identity_providers_get_in(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    here = "urn:mace:incommon:example.edu"
    told = login.options(client(here), "https://hub")
    assert "allow_all" not in told
    assert (told["manage_groups"], told["allowed_groups"]) == (True, [here])
    groups = started(client(here), monkeypatch).auth_state_groups_key
    assert groups({"oauth_user": {"idp": here}}) == [here]
    assert groups({"oauth_user": {"idp": ["a", "list"]}}) == groups({"oauth_user": {}}) == []
