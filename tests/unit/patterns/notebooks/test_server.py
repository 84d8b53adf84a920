"""A user's server as the smoke test drives it, against a hub and a kernel of the tests' own."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pyhf
import pytest

from patterns.notebooks import server
from patterns.notebooks.server import UserServer, number
from patterns.notebooks.smoke_test import NOTEBOOK, OBSERVED, TOLERANCE
from sslab.checks.errors import CheckError


class Kernel:
    """Runs what is sent to it with Python's own `exec`, and says so in Jupyter's messages."""

    def __init__(self) -> None:
        self.names: dict[str, Any] = {}
        self.said: list[dict[str, Any]] = []

    def send(self, text: str) -> None:
        asked = json.loads(text)
        assert asked["header"]["msg_type"] == "execute_request"
        assert asked["channel"] == "shell"

        def say(kind: str, content: dict[str, Any], about: str | None = None) -> None:
            parent = {"msg_id": about or asked["header"]["msg_id"]}
            self.said.append(
                {"header": {"msg_type": kind}, "parent_header": parent, "content": content}
            )

        # what another request is told is none of this one's
        say("stream", {"name": "stdout", "text": "CLs_obs = 1\n"}, about="another")
        say("status", {"execution_state": "idle"}, about="another")
        say("status", {"execution_state": "busy"})
        self.names["print"] = lambda line: say("stream", {"name": "stdout", "text": f"{line}\n"})
        try:
            exec(asked["content"]["code"], self.names)
        except Exception as error:
            say("error", {"ename": type(error).__name__, "evalue": str(error)})
        say("status", {"execution_state": "idle"})

    def recv(self, timeout: float) -> str:
        assert timeout > 0
        if not self.said:
            raise TimeoutError
        return json.dumps(self.said.pop(0))


class Hub:
    """The doors of a site whose hub takes `slowness` looks to start and to stop a server."""

    def __init__(self, slowness: int = 2, running: bool = False) -> None:
        self.kernel = Kernel()
        self.calls: list[str] = []
        self.slowness = slowness
        self.state: dict[str, Any] | None = {"ready": True, "pending": None} if running else None
        self.looks = 0
        self.starts = True

    def ask(
        self, service: str, method: str, path: str, token: str, body: Any = None
    ) -> httpx.Response:
        assert (service, token) == ("notebooks", "token")
        self.calls.append(f"{method} {path}")
        match method, path:
            case "GET", "/hub/api/users/check":
                return httpx.Response(200, json={"servers": self._servers()})
            case "POST", "/hub/api/users/check/server":
                self.state, self.looks = {"ready": False, "pending": "spawn"}, self.slowness
                return httpx.Response(202)
            case "DELETE", "/hub/api/users/check/server":
                if self.state is not None:
                    self.state, self.looks = {"ready": False, "pending": "stop"}, self.slowness
                return httpx.Response(202)
            case "POST", "/user/check/api/sessions":
                return httpx.Response(201, json={"id": "s", "kernel": {"id": "k"}})
            case "DELETE", "/user/check/api/sessions/s":
                return httpx.Response(204)
            case "PUT", _:
                assert body["content"]["cells"]
                return httpx.Response(201, json={})
        return httpx.Response(404, text="no such thing")

    @contextmanager
    def channel(self, service: str, path: str, token: str) -> Iterator[Kernel]:
        assert path == "/user/check/api/kernels/k/channels"
        yield self.kernel

    def _servers(self) -> dict[str, Any]:
        if self.state is None:
            return {}
        self.looks -= 1
        if self.looks < 0:
            if self.state["pending"] == "stop" or not self.starts:
                self.state = None
                return {}
            self.state = {"ready": True, "pending": None}
        return {"": self.state}


@pytest.fixture(autouse=True)
def hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "POLL_S", 0.0)


def user_server(hub: Hub) -> UserServer:
    return UserServer(hub, "check", "token")  # type: ignore[arg-type]


def notebook(*cells: str) -> dict[str, Any]:
    return {"cells": [{"cell_type": "code", "source": [each]} for each in cells]}


def test_the_notebook_of_the_smoke_test_gives_the_documented_number() -> None:
    hub = Hub()
    made = user_server(hub)
    with made.running(60) as seconds:
        printed = made.run(NOTEBOOK.name, json.loads(NOTEBOOK.read_text()))
    assert seconds >= 0
    assert number("CLs_obs", printed) == pytest.approx(OBSERVED, abs=TOLERANCE)
    assert made.state() is None
    assert hub.calls.count("POST /hub/api/users/check/server") == 1
    assert "DELETE /user/check/api/sessions/s" in hub.calls


def test_the_number_is_the_one_that_pyhf_gives() -> None:
    model = pyhf.simplemodels.uncorrelated_background([12.0, 11.0], [50.0, 52.0], [3.0, 7.0])
    data = [51, 48, *model.config.auxdata]
    found = float(pyhf.infer.hypotest(1.0, data, model, test_stat="qtilde"))
    assert found == pytest.approx(OBSERVED, abs=TOLERANCE)


def test_a_server_that_an_interrupted_check_left_is_stopped_first() -> None:
    hub = Hub(running=True)
    with user_server(hub).running(60):
        pass
    deleted = hub.calls.index("DELETE /hub/api/users/check/server")
    assert deleted < hub.calls.index("POST /hub/api/users/check/server")


def test_a_server_that_does_not_start_is_told_and_stopped() -> None:
    hub = Hub()
    hub.starts = False
    with pytest.raises(CheckError, match="given up by the hub"), user_server(hub).running(60):
        raise AssertionError("it runs")
    late = Hub(slowness=10**6)
    with pytest.raises(CheckError, match="not ready in time"), user_server(late).running(0):
        raise AssertionError("it runs")
    assert late.calls[-1] == "DELETE /hub/api/users/check/server"


def test_a_cell_that_fails_is_told_and_the_session_ended() -> None:
    hub = Hub()
    with pytest.raises(CheckError, match="ZeroDivisionError: division by zero"):
        user_server(hub).run("n.ipynb", notebook("print('a')", "1 / 0"))
    assert hub.calls[-1] == "DELETE /user/check/api/sessions/s"


def test_a_kernel_that_is_gone_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    hub = Hub()
    monkeypatch.setattr(hub.kernel, "send", lambda _: None)
    with pytest.raises(CheckError, match="kernel did not answer: TimeoutError"):
        user_server(hub).run("n.ipynb", notebook("1"))


@pytest.mark.parametrize("text", ["", "CLs_obs = \n", "CLs_obs = nothing\n", "other = 1\n"])
def test_a_notebook_without_its_number_is_told(text: str) -> None:
    with pytest.raises(CheckError, match="printed no CLs_obs"):
        number("CLs_obs", text)


def test_the_example_is_one_that_notebooks_open(tmp_path: Path) -> None:
    found = json.loads(NOTEBOOK.read_text())
    assert (found["nbformat"], found["metadata"]["kernelspec"]["name"]) == (4, "python3")
    assert [cell["cell_type"] for cell in found["cells"]] == ["markdown", "code", "code"]
