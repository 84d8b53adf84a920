from __future__ import annotations

import subprocess

import pytest

from sslab.catalogue.secrets import TOKEN, Authority
from sslab.engine.credentials import made
from sslab.engine.errors import EngineError


def test_a_token_is_made_of_its_recipe() -> None:
    one, other = made(TOKEN), made(TOKEN)
    assert one != other
    assert len(one) == TOKEN.length
    assert set(one) <= set(TOKEN.alphabet)


def test_an_authority_is_a_key_and_a_certificate_that_may_sign() -> None:
    pem = made(Authority("ssl-somewhere"))
    shown = subprocess.run(
        ["openssl", "x509", "-noout", "-text"],
        input=pem,
        text=True,
        capture_output=True,
        check=True,
    ).stdout
    assert "CN = ssl-somewhere" in shown.replace("CN=", "CN = ")
    assert "CA:TRUE" in shown
    assert "Certificate Sign" in shown
    assert pem.count("PRIVATE KEY-----") == 2


def test_without_openssl_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(EngineError, match=r"openssl, which .*; install it"):
        made(Authority("ssl-somewhere"))
