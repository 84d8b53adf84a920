"""The probe before a server that speaks as much of the XRootD protocol as it needs."""

from __future__ import annotations

import json
import socket
import socketserver
import struct
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from ssl_analysis.errors import AnalysisError
from ssl_analysis.settings import Environment

from patterns.xcache.workload.xcache import probe, xrootd
from tests.unit.patterns.memory_store import MemoryStore

FILE = "root://far.example.org:1094//data/file.root"
CONTENT = bytes(range(256)) * 1024
OK, OK_SO_FAR, ERROR, WAIT, REDIRECT = 0, 4000, 4003, 4005, 4004


@dataclass
class Cache:
    """What the server has, and how it behaves."""

    content: bytes = CONTENT
    changes: bool = False
    wants_credentials: bool = False
    waits: int = 0
    opened: list[str] = field(default_factory=list)


def exactly(connection: socket.socket, count: int) -> bytes:
    return connection.recv(count, socket.MSG_WAITALL)


def serve(connection: socket.socket, cache: Cache) -> None:
    """Speak to one client, after the protocol's specification."""

    def say(status: int, body: bytes = b"") -> None:
        connection.sendall(struct.pack(">2sHi", stream, status, len(body)) + body)

    stream = b"\0\0"
    assert struct.unpack(">5i", exactly(connection, 20)) == (0, 0, 0, 4, 2012)
    say(OK, struct.pack(">ii", 0x520, 1))
    while header := exactly(connection, 24):
        stream, request, arguments, length = struct.unpack(">2sH16si", header)
        data = exactly(connection, length) if length else b""
        match request:
            case 3007:
                say(OK, bytes(16) + (b"&P=gsi,v:10400" if cache.wants_credentials else b""))
            case 3010 if cache.waits:
                cache.waits -= 1
                say(WAIT, struct.pack(">i", 0) + b"staging")
            case 3010:
                cache.opened.append(data.decode())
                if data.decode() == f"//{FILE}":
                    say(OK, b"hand")
                else:
                    say(ERROR, struct.pack(">i", 3011) + b"no such file\0")
            case 3013:
                handle, offset, count = struct.unpack(">4sqi", arguments)
                assert handle == b"hand"
                found = cache.content[offset : offset + count]
                say(OK_SO_FAR, found[:1000])
                say(OK, found[1000:])
                if cache.changes:
                    cache.content = cache.content[::-1]
            case 3003:
                say(OK)


@pytest.fixture
def cache() -> Cache:
    return Cache()


@pytest.fixture
def port(cache: Cache) -> Iterator[int]:
    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            serve(self.request, cache)

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_address[1]
        server.shutdown()


def probed(port: int, file: str = FILE) -> dict[str, dict[str, float]]:
    store = MemoryStore()
    environment = Environment({"CACHE": "127.0.0.1", "PORT": str(port), "FILE": file})
    probe.run(environment, store, lambda _: None)
    found: dict[str, dict[str, float]] = json.loads(store.objects["outcome.json"])
    return found


def test_both_reads_are_the_beginning_of_the_file(port: int, cache: Cache) -> None:
    found = probed(port)
    assert found["values"] == {"the same twice": 1.0}
    assert found["metrics"]["bytes"] == 65536
    assert cache.opened == [f"//{FILE}"] * 2
    assert xrootd.read("127.0.0.1", port, f"//{FILE}", 5000) == CONTENT[:5000]


def test_a_cache_that_gives_something_else_the_second_time_is_seen(port: int, cache: Cache) -> None:
    cache.changes = True
    assert probed(port)["values"] == {"the same twice": 0.0}


def test_a_server_that_says_to_wait_is_asked_again(port: int, cache: Cache) -> None:
    cache.waits = 2
    assert probed(port)["values"] == {"the same twice": 1.0}


def test_a_file_that_is_not_there_is_no_outcome(port: int) -> None:
    with pytest.raises(AnalysisError, match=r"opening //root://far\.example\.org/no: no such"):
        probed(port, "root://far.example.org/no")


def test_an_empty_file_proves_nothing(port: int, cache: Cache) -> None:
    cache.content = b""
    with pytest.raises(AnalysisError, match="is empty; set the pattern's probe"):
        probed(port)


def test_a_server_that_wants_credentials_is_told(port: int, cache: Cache) -> None:
    cache.wants_credentials = True
    with pytest.raises(AnalysisError, match="the server wants credentials"):
        probed(port)


def test_a_cache_that_never_answers_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(probe, "PATIENCE_S", 0.0)
    monkeypatch.setattr(probe, "PAUSE_S", 0.0)
    with pytest.raises(AnalysisError, match="did not answer within 0 s"):
        probed(9)


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", "no answer of the XRootD protocol"),
        (struct.pack(">2xHi", REDIRECT, 0), "answered with status 4004"),
        (b"", "closed the connection"),
    ],
)
def test_another_server_at_the_port_is_told(answer: bytes, told: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def once() -> None:
            connection, _ = server.accept()
            with connection:
                exactly(connection, 20)
                connection.sendall(answer)

        threading.Thread(target=once, daemon=True).start()
        with pytest.raises(xrootd.RefusedError, match=told):
            xrootd.read("127.0.0.1", server.getsockname()[1], "/file", 1)
