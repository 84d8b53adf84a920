"""The frame of an analysis: its exit code, its one message, and no secret in what it prints."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import ClassVar

import pytest
from ssl_analysis import job
from ssl_analysis.job import Report
from ssl_analysis.settings import Environment
from ssl_analysis.storage import ObjectStore

from tests.unit.ssl_analysis.conftest import SECRET


class Storage(BaseHTTPRequestHandler):
    """An object storage that has one bucket, and notes what is stored there."""

    heads: ClassVar[list[str]] = []
    stored: ClassVar[dict[str, bytes]] = {}

    def do_HEAD(self) -> None:
        self.heads.append(self.path)
        self.send_response(200 if self.path == "/my-pattern" else 404)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def do_PUT(self) -> None:
        self.stored[self.path] = self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *arguments: object) -> None:
        """Say nothing."""


@pytest.fixture
def endpoint(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    Storage.heads.clear()
    Storage.stored.clear()
    server = HTTPServer(("127.0.0.1", 0), Storage)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{server.server_port}"
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", address)
    yield address
    server.shutdown()
    server.server_close()


def analysis(environment: Environment, store: ObjectStore, report: Report) -> None:
    seed = environment.integer("SEED", 0, 9)
    store.put("seed.txt", str(seed).encode(), "text/plain")
    report(f"stored seed {seed}")


def never(environment: Environment, store: ObjectStore, report: Report) -> None:
    pytest.fail("an analysis without its bucket was begun")


def test_an_analysis_gets_settings_bucket_and_a_reporter(
    endpoint: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SEED", "7")
    assert job.main("my-pattern", analysis) == 0
    assert Storage.stored == {"/my-pattern/seed.txt": b"7"}
    assert Storage.heads == ["/my-pattern"]  # path-style: the bucket is no part of the host
    assert capsys.readouterr() == ("my-pattern: stored seed 7\n", "")


def test_a_wrong_setting_is_one_message_and_exit_code_one(
    endpoint: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SEED", "10")
    assert job.main("my-pattern", analysis) == 1
    assert capsys.readouterr() == ("", "my-pattern: error: SEED: 10 is not between 0 and 9\n")
    assert Storage.stored == {}


def test_a_missing_bucket_ends_it_before_anything_is_computed(
    endpoint: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("S3_BUCKET", "other")
    assert job.main("my-pattern", never) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert err == (
        f"my-pattern: error: there is no bucket 'other' in the object storage at {endpoint}; "
        "create it or correct S3_BUCKET\n"
    )
    assert SECRET not in err


def test_a_defect_of_the_analysis_is_not_hidden(
    endpoint: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(environment: Environment, store: ObjectStore, report: Report) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        job.main("my-pattern", broken)
