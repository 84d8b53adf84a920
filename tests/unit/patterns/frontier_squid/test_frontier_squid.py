"""The probe before a proxy that says what squid says."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from ssl_analysis.errors import AnalysisError
from ssl_analysis.settings import Environment

from patterns.frontier_squid.workload.frontier_squid import probe
from tests.unit.patterns.memory_store import MemoryStore

pytestmark = pytest.mark.volume

DOCUMENT = "http://far.example.org/conditions"


class Proxy(BaseHTTPRequestHandler):
    """Keeps a copy of whatever was asked for, of addresses outside alone."""

    seen: set[str]

    def do_GET(self) -> None:
        known = self.path in self.seen
        self.seen.add(self.path)
        self.send_response(200 if self.path.startswith("http://far.example.org/c") else 503)
        self.send_header("X-Cache", f"{'HIT' if known else 'MISS'} from squid")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def proxy() -> Iterator[str]:
    handler = type("Fresh", (Proxy,), {"seen": set()})
    with HTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def probed(proxy: str, address: str = DOCUMENT) -> dict[str, float]:
    store = MemoryStore()
    probe.run(Environment({"PROXY": proxy, "ADDRESS": address}), store, lambda _: None)
    found: dict[str, float] = json.loads(store.objects["outcome.json"])["values"]
    return found


def test_the_second_answer_comes_out_of_the_cache(proxy: str) -> None:
    assert probed(proxy) == {"answers out of the cache": 1.0}


def test_a_document_that_is_not_there_is_no_outcome(proxy: str) -> None:
    with pytest.raises(AnalysisError, match="answered 503 through"):
        probed(proxy, "http://far.example.org/nothing")


def test_a_squid_that_never_answers_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(probe, "PATIENCE_S", 0.0)
    monkeypatch.setattr(probe, "PAUSE_S", 0.0)
    with pytest.raises(AnalysisError, match="did not answer within 0 s"):
        probed("http://127.0.0.1:9")


@pytest.mark.parametrize(
    ("headers", "hit"),
    [
        ({"x-cache": "HIT from squid"}, True),
        ({"x-cache": "MISS from squid"}, False),
        ({"cache-status": "origin;hit, squid;fwd=uri-miss"}, False),
        ({"cache-status": "origin;fwd=miss, squid;hit;detail=match"}, True),
        ({}, False),
    ],
)
def test_both_ways_to_tell_a_hit_are_known(headers: dict[str, str], hit: bool) -> None:
    assert probe.from_cache(headers) is hit
