import base64
from pathlib import Path

import pytest

from sslab.site.diagnostics import Diagnostic
from sslab.site.leaks import leaks_in, names_a_secret, redacted
from tests.unit.site.wrong_files import ROOT, told_about

# Put together here, so that no scanner of repositories takes this file for a leak.
HEADER = "-----BEGIN {}" + "PRIVATE KEY-----"
SECRETS = {
    "rsa": HEADER.format("RSA "),
    "pkcs8": HEADER.format(""),
    "openssh": HEADER.format("OPENSSH "),
    "base64": base64.b64encode((HEADER.format("EC ") + "\nMHcCAQEEI").encode()).decode(),
    "age": "AGE-SECRET" + "-KEY-1QQQQ",
    "aws": "AKIA" + "IOSFODNN7EXAMPLE",
    "aws-session": "ASIA" + "IOSFODNN7EXAMPLE",
    "github": "ghp" + "_0123456789abcdefghijABCDEFGHIJ012345",
    "github-fine": "github" + "_pat_11ABCDEFG0123456789abcdef",
    "jwt": "eyJhbGciOiJIUzI1NiJ9" + ".eyJzdWIiOiIxMjM0In0" + ".c2lnbmF0dXJl",
    "address": "postgres://admin:" + "hunter2@db.example.edu",
}


@pytest.mark.parametrize("secret", SECRETS.values(), ids=SECRETS)
def test_a_secret_is_found_and_taken_out(secret: str) -> None:
    assert next(leaks_in(f"see {secret} here")).index >= 4
    diagnostic = Diagnostic("a.yaml", 1, 1, secret, f"no {secret}", secret)
    hidden = secret.split("://admin:")[-1].split("@")[0]
    assert hidden not in str(diagnostic)


BODY = "MIIBOgIBAAJBAKj34GkxFhD90vcNLYLInFEX6Ppy1tPf9Cnzj4p4WGeKLs1Pt8Qu"
END = "-----END {}" + "PRIVATE KEY-----"


@pytest.mark.parametrize("break_", ["\n", "\r\n", "\\n", " "], ids=repr)
def test_a_private_key_is_taken_out_as_a_whole(break_: str) -> None:
    key = break_.join((HEADER.format("EC "), BODY, BODY, END.format("EC ")))
    assert redacted(f"before {key} after {key}") == "before (hidden) after (hidden)"


def test_of_a_private_key_without_an_end_nothing_is_shown() -> None:
    cut = f"before {HEADER.format('')}\n{BODY}\n{BODY[:20]}"
    assert redacted(cut) == "before (hidden)"
    assert redacted(cut * 2) == "before (hidden)"


@pytest.mark.parametrize("break_", ["", "\n", "\n    ", "\\n"], ids=repr)
def test_a_private_key_in_base64_is_taken_out_as_a_whole(break_: str) -> None:
    key = base64.b64encode(f"{HEADER.format('')}\n{BODY}\n{BODY}\n".encode()).decode()
    folded = break_.join(key[start : start + 60] for start in range(0, len(key), 60))
    assert redacted(f"{folded} after") == "(hidden) after"


def test_many_heads_take_no_longer() -> None:
    assert redacted(HEADER.format("") * 50_000) == "(hidden)"


@pytest.mark.parametrize(
    "text",
    [
        "fitting-service",
        "sha256:" + "a1" * 32,
        "https://github.com/scikit-hep/pyhf",
        "-----BEGIN CERTIFICATE-----",
        base64.b64encode(b"-----BEGIN CERTIFICATE-----").decode(),
        "AKIASHORT",
        "operations@example.edu",
    ],
)
def test_what_is_no_secret_stays(text: str) -> None:
    assert redacted(text) == text


def test_names() -> None:
    for name in ("password", "apiKey", "s3_secret_access_key", "client-secret", "TOKEN"):
        assert names_a_secret(name)
    for name in ("domain", "key", "context", "pods"):
        assert not names_a_secret(name)


def test_a_private_key_is_told_once_with_field_and_place(tmp_path: Path) -> None:
    body = "MIIBOgIBAAJBAKj34GkxFhD90vcNLYLInFEX6Ppy1tPf9Cnzj4p4WGeKLs1Pt8Qu"
    text = (ROOT / "wrong" / "title-empty.yaml").read_text(encoding="utf-8")
    path = tmp_path / "title-empty.yaml"
    path.write_text(text.replace('""', f"|\n  {SECRETS['rsa']}\n  {body}"), encoding="utf-8")
    (line,) = told_about(path).splitlines()
    assert line.startswith(f"{path}:3:3: title: this looks like a private key")
    assert body not in line


def test_a_file_full_of_leaks_takes_no_longer(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_text(f"# {SECRETS['aws']}\n" * 10_000, encoding="utf-8")
    assert len(told_about(path).splitlines()) == 21
