"""Waiting for an API server, against a server of TLS on this machine."""

from __future__ import annotations

import asyncio
import ssl
import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pulumi
import pytest

from components.clusters import readiness


class Api(BaseHTTPRequestHandler):
    answers: list[int]

    def do_GET(self) -> None:
        right = self.path == "/readyz" and self.headers["Authorization"] == "Bearer token"
        self.send_response(self.answers.pop(0) if right and self.answers else 401)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[str, str]]:
    """The address of an API server that is ready when it is asked a second time."""
    monkeypatch.setattr(readiness, "PAUSE_S", 0.1)
    file = tmp_path / "both.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
         "-nodes", "-days", "2", "-subj", "/CN=test", "-addext", "subjectAltName=IP:127.0.0.1",
         "-keyout", str(file), "-out", str(tmp_path / "certificate.pem")],
        check=True, capture_output=True,
    )  # fmt: skip
    certificate = (tmp_path / "certificate.pem").read_text()
    file.write_text(file.read_text() + certificate)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    Api.answers = [503, 200]
    http = HTTPServer(("127.0.0.1", 0), Api)
    http.socket = context.wrap_socket(http.socket, server_side=True)
    thread = threading.Thread(target=http.serve_forever, daemon=True)
    thread.start()
    yield f"https://127.0.0.1:{http.server_port}", certificate
    http.shutdown()
    thread.join()
    http.server_close()


def test_it_waits_until_the_server_is_ready(server: tuple[str, str]) -> None:
    address, certificate = server
    asyncio.run(readiness.wait(address, certificate, "token"))
    assert Api.answers == []


def test_a_server_that_never_answers_is_told_after_a_while(server: tuple[str, str]) -> None:
    address, certificate = server
    with pytest.raises(pulumi.RunError, match=r"does not answer after 1 s.*openstack console log"):
        asyncio.run(readiness.wait(address, certificate, "another token", ready_s=1))
