from __future__ import annotations

import httpx
import pytest

from sslab.checks.answers import told
from sslab.checks.errors import CheckError
from tests.unit.patterns.answers import answering


def ask(answer: httpx.Response) -> object:
    access = answering({"/health": answer}, "reana")
    return told(access, "reana", "/health", title="REANA", logs="-n reana deploy/reana-server")


def test_what_is_told_is_json_with_an_expected_status() -> None:
    assert ask(httpx.Response(200, json={"ok": True})) == {"ok": True}
    with pytest.raises(CheckError, match="REANA answered 500: broken") as failed:
        ask(httpx.Response(500, text="broken"))
    assert "kubectl logs -n reana deploy/reana-server" in str(failed.value)


def test_a_page_in_place_of_an_answer_is_told() -> None:
    with pytest.raises(CheckError, match="REANA answered no JSON: <html>"):
        ask(httpx.Response(200, text="<html>Log in</html>"))
