"""Object storage that is late, missing, refusing or failing; and the environment's settings."""

import io
import runpy
import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import ClassVar

import boto3
import pytest
from botocore.client import BaseClient
from botocore.response import StreamingBody
from botocore.stub import Stubber

from patterns.z_peak.workload.z_peak.errors import JobError
from patterns.z_peak.workload.z_peak.settings import Settings
from patterns.z_peak.workload.z_peak.storage import S3Store, s3_client

pytestmark = pytest.mark.volume

SECRET = "a-secret-that-must-not-be-seen"


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "AWS_ENDPOINT_URL_S3": "http://127.0.0.1:9",
        "AWS_ACCESS_KEY_ID": "key",
        "AWS_SECRET_ACCESS_KEY": SECRET,
        "AWS_DEFAULT_REGION": "us-east-1",
        "S3_BUCKET": "z-peak",
        "AWS_EC2_METADATA_DISABLED": "true",
    }.items():
        monkeypatch.setenv(name, value)
    for name in ("SEED", "SIGNAL_EVENTS", "BACKGROUND_EVENTS", "http_proxy", "HTTP_PROXY"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def stub() -> Iterator[tuple[S3Store, Stubber]]:
    client: BaseClient = boto3.client("s3")
    with Stubber(client) as stubber:
        yield S3Store(client, "z-peak"), stubber
        stubber.assert_no_pending_responses()


def test_objects_are_put_got_and_deleted_in_the_bucket(stub: tuple[S3Store, Stubber]) -> None:
    store, stubber = stub
    where = {"Bucket": "z-peak", "Key": "results/a.json"}
    stubber.add_response(
        "put_object", {}, {**where, "Body": b"{}", "ContentType": "application/json"}
    )
    stubber.add_response("get_object", {"Body": StreamingBody(io.BytesIO(b"{}"), 2)}, where)
    stubber.add_response("delete_object", {}, where)
    store.put("results/a.json", b"{}", "application/json")
    assert store.get("results/a.json") == b"{}"
    store.delete("results/a.json")


def test_a_refused_write_names_object_and_reason(stub: tuple[S3Store, Stubber]) -> None:
    store, stubber = stub
    stubber.add_client_error("put_object", "QuotaExceeded", http_status_code=403)
    with pytest.raises(JobError) as caught:
        store.put("results/a.json", b"{}", "application/json")
    assert str(caught.value) == (
        "the object storage refused to write z-peak/results/a.json: QuotaExceeded (HTTP 403)"
    )


def test_storage_that_goes_away_in_between_is_named() -> None:
    unreachable = S3Store(s3_client(), "z-peak")
    with pytest.raises(JobError, match=r"the object storage failed to read z-peak/a: Could not"):
        unreachable.get("a")


def test_storage_that_starts_late_is_waited_for(stub: tuple[S3Store, Stubber]) -> None:
    store, stubber = stub
    stubber.add_client_error("head_bucket", "ServiceUnavailable", http_status_code=503)
    stubber.add_client_error("head_bucket", "InternalError", http_status_code=500)
    stubber.add_response("head_bucket", {}, {"Bucket": "z-peak"})
    lines: list[str] = []
    store.wait_until_ready(lines.append, patience_s=5, pause_s=0.01)
    assert len(lines) == 1
    assert lines[0].endswith(": HTTP 503")
    assert lines[0].startswith("waiting up to 5 s for object storage at http://127.0.0.1:9")


def test_a_bucket_that_answers_needs_no_waiting(stub: tuple[S3Store, Stubber]) -> None:
    store, stubber = stub
    stubber.add_response("head_bucket", {}, {"Bucket": "z-peak"})
    lines: list[str] = []
    store.wait_until_ready(lines.append)
    assert lines == []


@pytest.mark.parametrize(
    ("status", "message"),
    [
        (404, "there is no bucket 'z-peak' in the object storage at http://127.0.0.1:9; create it"),
        (403, r"refuses the bucket 'z-peak' \(HTTP 403\); check AWS_ACCESS_KEY_ID"),
    ],
)
def test_what_waiting_cannot_mend_ends_the_wait(
    stub: tuple[S3Store, Stubber], status: int, message: str
) -> None:
    store, stubber = stub
    stubber.add_client_error("head_bucket", str(status), http_status_code=status)
    with pytest.raises(JobError, match=message):
        store.wait_until_ready(pytest.fail, patience_s=60)


def test_a_bucket_name_that_cannot_be_is_named() -> None:
    with pytest.raises(JobError, match=r"^S3_BUCKET: 'no bucket/' is not a bucket's name$"):
        S3Store(s3_client(), "no bucket/").wait_until_ready(pytest.fail)


def closed_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_unreachable_storage_is_given_up_after_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    endpoint = f"http://127.0.0.1:{closed_port()}"
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", endpoint)
    lines: list[str] = []
    with pytest.raises(JobError) as caught:
        S3Store(s3_client(), "z-peak").wait_until_ready(lines.append, patience_s=0.2, pause_s=0.1)
    assert str(caught.value) == (
        f"object storage at {endpoint} cannot be reached: no answer (EndpointConnectionError) for "
        "0.2 s; check that it runs and that AWS_ENDPOINT_URL_S3 is right"
    )
    assert len(lines) <= 1


class NoSuchBucket(BaseHTTPRequestHandler):
    """An object storage without buckets, which notes the paths that are asked for."""

    paths: ClassVar[list[str]] = []

    def do_HEAD(self) -> None:
        self.paths.append(self.path)
        self.send_response(404)
        self.end_headers()

    def log_message(self, *arguments: object) -> None:
        """Say nothing."""


def test_the_job_ends_with_one_message_and_shows_no_secret(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    server = HTTPServer(("127.0.0.1", 0), NoSuchBucket)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    endpoint = f"http://127.0.0.1:{server.server_port}"
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", endpoint)
    try:
        with pytest.raises(SystemExit) as ended:
            runpy.run_module("patterns.z_peak.workload.z_peak", run_name="__main__")
    finally:
        server.shutdown()
        server.server_close()
    assert ended.value.code == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert err == (
        f"z-peak: there is no bucket 'z-peak' in the object storage at {endpoint}; create it or "
        "correct S3_BUCKET\n"
    )
    assert SECRET not in err
    assert NoSuchBucket.paths == ["/z-peak"]  # path-style: the bucket is no part of the host


def test_defaults_are_the_documented_ones() -> None:
    settings = Settings.from_environment(given())
    assert (settings.seed, settings.signal_events, settings.background_events) == (
        20190622,
        100_000,
        10_000,
    )
    assert settings.sample_key == "samples/dimuon-seed20190622-s100000-b10000.root"


def test_seed_and_sizes_come_from_the_environment() -> None:
    settings = Settings.from_environment(
        given(SEED="5", SIGNAL_EVENTS="600", BACKGROUND_EVENTS="0")
    )
    assert settings == Settings(bucket="z-peak", seed=5, signal_events=600, background_events=0)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"S3_BUCKET": ""}, "S3_BUCKET is not set"),
        ({"AWS_ENDPOINT_URL_S3": ""}, "AWS_ENDPOINT_URL_S3 is not set"),
        ({"AWS_SECRET_ACCESS_KEY": ""}, "AWS_SECRET_ACCESS_KEY is not set"),
        ({"SEED": "lucky"}, "SEED: 'lucky' is not a whole number"),
        ({"SEED": "-1"}, "SEED: -1 is not between 0 and 9223372036854775807"),
        ({"SIGNAL_EVENTS": "1e5"}, "SIGNAL_EVENTS: '1e5' is not a whole number"),
        ({"SIGNAL_EVENTS": "0"}, "SIGNAL_EVENTS: 0 is not between 1 and 500000"),
        ({"BACKGROUND_EVENTS": "500001"}, "BACKGROUND_EVENTS: 500001 is not between 0 and 500000"),
    ],
)
def test_a_wrong_setting_is_named(changes: dict[str, str], message: str) -> None:
    with pytest.raises(JobError, match=message):
        Settings.from_environment(given(**changes))


def given(**changes: str) -> dict[str, str]:
    return {
        "S3_BUCKET": "z-peak",
        "AWS_ENDPOINT_URL_S3": "http://s3",
        "AWS_ACCESS_KEY_ID": "key",
        "AWS_SECRET_ACCESS_KEY": SECRET,
        **changes,
    }


def test_an_endpoint_that_is_no_url_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", "storage")
    with pytest.raises(JobError, match="object storage settings: Invalid endpoint: storage"):
        s3_client()
