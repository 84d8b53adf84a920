"""The laboratory's own issuer: Canaille itself, of the image's lock, as its pod starts it."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import re
import socket
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from components.issuer import endpoints
from tests.locked import environment

pytestmark = pytest.mark.volume

ROOT = Path(__file__).parents[3]
IMAGE = ROOT / "images/canaille"
ADDRESS = "http://login.ssl.localhost:8080"
CALLBACK = "http://notebooks.ssl.localhost:8080/hub/oauth_callback"
CLIENT = {"id": "ssl", "secret": "the-client's-secret", "redirect_uris": [CALLBACK]}
PEOPLE = [
    {"name": "ada", "password": "ada's", "groups": ["physics", "staff"]},
    {"name": "bob", "password": "bob's", "groups": []},
]
GUESSED = {"name": "cleo", "password": "cleo's", "groups": []}
"""Whose password somebody tries to guess: a login as her has to wait then."""

VERIFIER = "a-word-that-only-the-client-knows-until-it-asks-for-the-token"
START_S = 120.0


@dataclass
class Issuer:
    """An issuer that runs, and where it really is."""

    url: str

    def browser(self) -> httpx.Client:
        """Return a browser that knows nobody. It finds the issuer by the name that users see."""
        host = urlsplit(ADDRESS).netloc
        return httpx.Client(base_url=self.url, headers={"Host": host}, trust_env=False, timeout=60)

    def post(self, path: str, **fields: str) -> httpx.Response:
        """Ask as the client's pod does, which knows another name of the issuer."""
        return httpx.post(self.url + path, data=fields, trust_env=False, timeout=60)

    def redeem(self, code: str, **changes: str) -> httpx.Response:
        """Ask for the token of a login."""
        fields = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": CALLBACK,
            "client_id": "ssl",
            "client_secret": str(CLIENT["secret"]),
            "code_verifier": VERIFIER,
        }
        return self.post("/oauth/token", **(fields | changes))


@pytest.fixture(scope="module")
def issuer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Issuer]:
    folder = tmp_path_factory.mktemp("issuer")
    programs = environment(folder / "environment", IMAGE / "requirements.lock")
    settings = folder / "settings.json"
    settings.write_text(
        json.dumps({"issuer": ADDRESS, "client": CLIENT, "people": [*PEOPLE, GUESSED]})
    )
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
    told = {
        "SETTINGS": str(settings),
        "DATABASE": str(folder / "canaille.sqlite"),
        "PORT": str(port),
        "PYTHONPATH": str(IMAGE),
    }
    log = folder / "log"
    with log.open("w") as file:
        running = subprocess.Popen(
            [str(programs / "python"), "-m", "ssl_issuer"],
            env={"PATH": os.environ["PATH"], **told},
            cwd=folder,
            stdout=file,
            stderr=subprocess.STDOUT,
        )
        try:
            made = Issuer(f"http://127.0.0.1:{port}")
            _until_it_answers(made, running, log)
            yield made
        finally:
            running.terminate()
            running.wait(timeout=30)


def _until_it_answers(issuer: Issuer, running: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + START_S
    while True:
        try:
            discovery(issuer)
            return
        except httpx.TransportError:
            assert running.poll() is None, log.read_text()
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.2)


def discovery(issuer: Issuer) -> dict[str, Any]:
    answer = httpx.get(f"{issuer.url}/.well-known/openid-configuration", trust_env=False)
    told: dict[str, Any] = answer.json()
    return told


def asked(**changes: str) -> dict[str, str]:
    """Return what the client sends a browser to the issuer with."""
    challenge = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest())
    return {
        "client_id": "ssl",
        "redirect_uri": CALLBACK,
        "response_type": "code",
        "scope": "openid email profile groups",
        "state": "the-state",
        "code_challenge": challenge.rstrip(b"=").decode(),
        "code_challenge_method": "S256",
        **changes,
    }


def followed(browser: httpx.Client, answer: httpx.Response) -> httpx.Response:
    """Follow redirections for as long as they stay at the issuer."""
    while answer.is_redirect:
        target = urlsplit(answer.headers["location"])
        if target.netloc not in ("", urlsplit(ADDRESS).netloc):
            return answer
        answer = browser.get(f"{target.path}?{target.query}")
    return answer


def submitted(browser: httpx.Client, form: httpx.Response, **fields: str) -> httpx.Response:
    """Fill in a page's form, and follow where it leads."""
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', form.text)
    assert token, form.text
    sent = browser.post(form.url.path, data={**fields, "csrf_token": token[1]})
    return followed(browser, sent)


def log_in(issuer: Issuer, user: str, password: str, **changes: str) -> httpx.Response:
    """Log in as a browser does, and return the answer that it ends with."""
    with issuer.browser() as browser:
        begun = followed(browser, browser.get("/oauth/authorize", params=asked(**changes)))
        named = submitted(browser, begun, login=user)
        return submitted(browser, named, password=password)


def code(answer: httpx.Response) -> str:
    """Return the code that a browser brings back to the client."""
    assert answer.is_redirect, answer.text
    target = urlsplit(answer.headers["location"])
    assert f"{target.scheme}://{target.netloc}{target.path}" == CALLBACK
    brought = parse_qs(target.query)
    assert brought["state"] == ["the-state"]
    return brought["code"][0]


@pytest.mark.parametrize("person", PEOPLE, ids=["ada", "bob"])
def test_the_client_learns_who_logged_in_and_their_groups(
    issuer: Issuer, person: dict[str, Any]
) -> None:
    redeemed = issuer.redeem(code(log_in(issuer, person["name"], person["password"])))
    assert redeemed.status_code == 200, redeemed.text
    known = httpx.get(
        f"{issuer.url}/oauth/userinfo",
        headers={"Authorization": f"Bearer {redeemed.json()['access_token']}"},
        trust_env=False,
    ).json()
    assert known["sub"] == person["name"]
    assert sorted(known.get("groups") or []) == person["groups"]
    assert known["email"] == f"{person['name']}@login.ssl.localhost"


def test_a_user_may_log_in_twice_in_one_second(issuer: Issuer) -> None:
    brought = [code(log_in(issuer, "bob", "bob's")) for _ in range(4)]
    tokens = [issuer.redeem(each).json()["access_token"] for each in brought]
    assert len(set(tokens)) == 4


def test_a_code_is_good_once(issuer: Issuer) -> None:
    brought = code(log_in(issuer, "bob", "bob's"))
    assert issuer.redeem(brought).status_code == 200
    assert issuer.redeem(brought).status_code == 400


@pytest.mark.parametrize(
    "changes",
    [
        {"client_secret": "another"},
        {"client_id": "another"},
        {"code_verifier": "another-word-of-the-length-that-the-standard-asks-for"},
        {"redirect_uri": "http://elsewhere.example.org/"},
    ],
    ids=lambda changes: "".join(changes),
)
def test_a_code_is_of_no_use_to_anybody_else(issuer: Issuer, changes: dict[str, str]) -> None:
    answer = issuer.redeem(code(log_in(issuer, "ada", "ada's")), **changes)
    assert answer.status_code in (400, 401)
    assert "access_token" not in answer.text


@pytest.mark.parametrize("name", ["cleo", "eve"])
def test_a_wrong_password_opens_nothing_and_does_not_tell_who_is_known(
    issuer: Issuer, name: str
) -> None:
    answer = log_in(issuer, name, "bob's")
    assert answer.status_code == 200
    assert answer.url.path == "/auth/password"
    assert 'name="password"' in answer.text


def test_nobody_is_sent_elsewhere(issuer: Issuer) -> None:
    answer = log_in(issuer, "ada", "ada's", redirect_uri="http://elsewhere.example.org/")
    assert answer.status_code == 400
    assert "location" not in answer.headers


def test_nobody_registers_themselves_or_a_client(issuer: Issuer) -> None:
    with issuer.browser() as browser:
        assert browser.get("/register").status_code == 403
        client = browser.post("/oauth/register", json={"redirect_uris": ["http://x.example.org/"]})
    assert client.status_code == 400
    assert "client_id" not in client.text


def test_it_is_where_the_laboratory_says(issuer: Issuer) -> None:
    told, known = discovery(issuer), endpoints(ADDRESS, "ssl-identity", "cluster.local")
    assert told["issuer"] == ADDRESS
    assert told["authorization_endpoint"] == known.authorize
    assert told["end_session_endpoint"] == known.end_session
    for name, inside in (
        ("token_endpoint", known.token),
        ("userinfo_endpoint", known.userinfo),
        ("jwks_uri", known.keys),
    ):
        assert urlsplit(told[name]).path == urlsplit(inside).path
    assert httpx.get(issuer.url + urlsplit(known.keys).path, trust_env=False).json()["keys"]
