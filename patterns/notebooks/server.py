"""A user's server, as programs drive it: by the hub's interface, and by that of Jupyter."""

from __future__ import annotations

import json
import re
import time
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import httpx
from websockets.exceptions import WebSocketException
from websockets.sync.connection import Connection

from sslab.checks.access import SiteAccess
from sslab.checks.errors import CheckError

SERVICE = "notebooks"
POLL_S = 1.0
CELL_S = 120.0
"""So long a cell may compute."""

STOP_S = 120.0


class UserServer:
    """The server of one user, which a token may start, use and stop."""

    def __init__(self, access: SiteAccess, user: str, token: str) -> None:
        self._access = access
        self._user = user
        self._token = token

    @contextmanager
    def running(self, patience_s: float) -> Iterator[float]:
        """Start the server, yield the seconds that it took, and stop it however the use ends.

        Raises CheckError where it does not start.
        """
        started = time.monotonic()
        try:
            self._start(started + patience_s)
            yield round(time.monotonic() - started, 1)
        finally:
            self._hub("DELETE", "/server")
        self._until_gone()

    def state(self) -> Mapping[str, Any] | None:
        """Return what the hub knows of the server, None where there is none."""
        answer = self._hub("GET", "")
        if answer.status_code != 200:
            raise _refused("the hub did not tell of its user", answer)
        found: Mapping[str, Any] | None = answer.json().get("servers", {}).get("")
        return found

    def run(self, name: str, notebook: Mapping[str, Any]) -> str:
        """Store a notebook, run its cells in order, and return what they print.

        Raises CheckError where a cell fails.
        """
        stored = {"type": "notebook", "format": "json", "content": notebook}
        self._jupyter("PUT", f"/api/contents/{name}", stored)
        kernel = {"path": name, "name": name, "type": "notebook", "kernel": {"name": "python3"}}
        session = self._jupyter("POST", "/api/sessions", kernel)
        path = f"/user/{self._user}/api/kernels/{session['kernel']['id']}/channels"
        try:
            with self._access.channel(SERVICE, path, self._token) as channel:
                cells = (each for each in notebook["cells"] if each["cell_type"] == "code")
                return "".join(_printed(channel, "".join(each["source"])) for each in cells)
        finally:
            self._jupyter("DELETE", f"/api/sessions/{session['id']}")

    def _start(self, deadline: float) -> None:
        self._until_gone()
        asked = self._hub("POST", "/server")
        if asked.status_code not in (201, 202):
            raise _refused("the hub did not start a server", asked)
        while True:
            state = self.state()
            if state is not None and state["ready"]:
                return
            if state is None or time.monotonic() > deadline:
                why = "was given up by the hub" if state is None else "is not ready in time"
                raise CheckError(
                    f"the server of {self._user} {why}",
                    remedy="`kubectl logs -n notebooks deploy/notebooks` says why",
                )
            time.sleep(POLL_S)

    def _until_gone(self) -> None:
        """Wait for a server that is being stopped; one that runs is stopped first."""
        deadline = time.monotonic() + STOP_S
        while (state := self.state()) is not None:
            if state.get("pending") is None:
                self._hub("DELETE", "/server")
            if time.monotonic() > deadline:
                raise CheckError(
                    f"the server of {self._user} does not stop",
                    remedy="`kubectl get pods -n notebooks` shows it",
                )
            time.sleep(POLL_S)

    def _hub(self, method: str, path: str) -> httpx.Response:
        body: dict[str, str] | None = None if method == "GET" else {}
        return self._access.ask(
            SERVICE, method, f"/hub/api/users/{self._user}{path}", self._token, body
        )

    def _jupyter(self, method: str, path: str, body: Any = None) -> Any:
        answer = self._access.ask(SERVICE, method, f"/user/{self._user}{path}", self._token, body)
        if not answer.is_success:
            raise _refused(f"the server did not take {method} {path}", answer)
        return answer.json() if answer.content else None


def number(name: str, text: str) -> float:
    """Return the number that a notebook has printed as `name = number`. Raises CheckError."""
    found = re.search(rf"^{re.escape(name)} = (\S+)$", text, re.MULTILINE)
    try:
        return float(found[1]) if found else float("x")
    except ValueError:
        raise CheckError(
            f"the notebook printed no {name}: {text[-200:].strip()!r}",
            remedy="run it in a browser, and see what it says",
        ) from None


def _printed(channel: Connection, code: str) -> str:
    """Run code in a kernel, by Jupyter's messages, and return what it prints."""
    asked = uuid.uuid4().hex
    header = {"msg_id": asked, "msg_type": "execute_request", "username": "", "version": "5.4"}
    content = {"code": code, "silent": False, "store_history": True, "allow_stdin": False}
    message = {
        "header": {**header, "session": asked, "date": ""},
        "parent_header": {},
        "metadata": {},
        "content": {**content, "user_expressions": {}, "stop_on_error": True},
        "channel": "shell",
        "buffers": [],
    }
    printed: list[str] = []
    try:
        channel.send(json.dumps(message))
        for kind, said in _answers(channel, asked):
            if kind == "stream" and said["name"] == "stdout":
                printed.append(said["text"])
            elif kind == "error":
                raise CheckError(
                    f"a cell of the notebook failed: {said['ename']}: {said['evalue']}",
                    remedy="run the notebook in a browser, and see where",
                )
    except (TimeoutError, WebSocketException) as error:
        raise CheckError(
            f"the notebook's kernel did not answer: {str(error) or type(error).__name__}",
            remedy="`kubectl describe pods -n notebooks` says whether it ran out of memory",
        ) from error
    return "".join(printed)


def _answers(channel: Connection, asked: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield what a kernel says of one request, until it is idle again."""
    deadline = time.monotonic() + CELL_S
    while True:
        message = json.loads(channel.recv(timeout=max(0.0, deadline - time.monotonic())))
        if message["parent_header"].get("msg_id") != asked:
            continue
        kind, content = message["header"]["msg_type"], message["content"]
        if kind == "status" and content["execution_state"] == "idle":
            return
        yield kind, content


def _refused(what: str, answer: httpx.Response) -> CheckError:
    return CheckError(
        f"{what}: {answer.status_code} {answer.text[:200].strip()}",
        remedy="`kubectl logs -n notebooks deploy/notebooks` says why",
    )
