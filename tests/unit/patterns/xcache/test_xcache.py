"""The probe before a real cache: XRootD's proxy with its file cache, and an origin behind it."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ssl_analysis.errors import AnalysisError
from ssl_analysis.settings import Environment

from patterns.xcache.workload.xcache import probe
from sslab.progress import Progress
from sslab.toolchain import machine
from tests.unit.patterns.memory_store import MemoryStore
from tests.unit.patterns.xcache.servers import CACHE, ORIGIN, Server

pytestmark = pytest.mark.volume

XROOTD = machine.HostProgram("xrootd", "xrootd-server", "is the cache of this test")
CONTENT = bytes(range(256)) * 1024


class Caching:
    """An origin with files, and the cache before it."""

    def __init__(self, folder: Path) -> None:
        self.origin = Server(folder / "origin", ORIGIN)
        self.cache = Server(folder / "cache", CACHE)
        (self.origin.files / "data").mkdir()
        self.write("file.root", CONTENT)

    def write(self, name: str, content: bytes) -> None:
        (self.origin.files / "data" / name).write_bytes(content)

    def probed(self, name: str) -> dict[str, Any]:
        store = MemoryStore()
        file = f"root://127.0.0.1:{self.origin.port}//data/{name}"
        variables = {"CACHE": "127.0.0.1", "PORT": str(self.cache.port), "FILE": file}
        probe.run(Environment(variables), store, lambda _: None)
        found: dict[str, Any] = json.loads(store.objects["outcome.json"])
        return found


@pytest.fixture(scope="module")
def servers() -> Iterator[Caching]:
    if machine.missing([XROOTD]) and os.geteuid() != 0:
        pytest.skip("the machine has no XRootD (Debian's package xrootd-server)")
    machine.ensure(Progress(), [XROOTD])
    # not in pytest's own folder, which is root's alone
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        Path(name).chmod(0o755)
        both = Caching(Path(name))
        try:
            both.origin.start()
            both.cache.start()
            yield both
        finally:
            both.cache.stop()
            both.origin.stop()


def test_both_reads_are_the_beginning_of_the_file(servers: Caching) -> None:
    found = servers.probed("file.root")
    assert found["values"] == {"the same twice": 1.0}
    assert found["metrics"]["bytes"] == 65536
    assert found["parameters"] == {
        "file": f"root://127.0.0.1:{servers.origin.port}//data/file.root"
    }
    (kept,) = servers.cache.files.rglob("file.root")
    assert kept.read_bytes()[:65536] == CONTENT[:65536]


def test_what_the_cache_has_it_does_not_ask_for_again(servers: Caching) -> None:
    servers.write("once.root", CONTENT)
    servers.probed("once.root")
    servers.write("once.root", CONTENT[::-1])
    url = f"root://127.0.0.1:{servers.cache.port}//root://127.0.0.1:{servers.origin.port}//data"
    assert probe.read(f"{url}/once.root") == CONTENT[:65536]


def test_a_file_that_is_not_there_is_no_outcome(servers: Caching) -> None:
    with pytest.raises(AnalysisError, match="no such file"):
        servers.probed("none.root")


def test_an_empty_file_proves_nothing(servers: Caching) -> None:
    servers.write("empty.root", b"")
    with pytest.raises(AnalysisError, match="is empty; set the pattern's probe"):
        servers.probed("empty.root")


def test_a_cache_that_gives_something_else_the_second_time_is_seen(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    answers = iter([b"one", b"two"])
    monkeypatch.setattr(probe, "read", lambda url: next(answers))
    store = MemoryStore()
    variables = {"CACHE": "cache", "PORT": "1094", "FILE": "root://far.example.org//file"}
    probe.run(Environment(variables), store, lambda _: None)
    assert json.loads(store.objects["outcome.json"])["values"] == {"the same twice": 0.0}


def test_a_cache_that_never_answers_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (("PATIENCE_S", 0.0), ("PAUSE_S", 0.0), ("TIMEOUT_S", 1)):
        monkeypatch.setattr(probe, name, value)
    with pytest.raises(AnalysisError, match=r"root://127\.0\.0\.1:9//: no answer within 0 s"):
        probe.read_when_there("root://127.0.0.1:9//", lambda _: None)
