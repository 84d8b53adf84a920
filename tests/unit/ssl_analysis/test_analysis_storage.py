"""Object storage that is late, missing, refusing or failing."""

from __future__ import annotations

import io
import socket

import pytest
from botocore.response import StreamingBody
from botocore.stub import Stubber
from ssl_analysis.errors import AnalysisError
from ssl_analysis.storage import S3Store, s3_client

from tests.unit.ssl_analysis.conftest import SECRET

BUCKET = {"Bucket": "my-pattern"}


def test_objects_are_put_got_and_deleted_in_the_bucket(stub: tuple[S3Store, Stubber]) -> None:
    store, stubber = stub
    where = {**BUCKET, "Key": "a.json"}
    stubber.add_response(
        "put_object", {}, {**where, "Body": b"{}", "ContentType": "application/json"}
    )
    stubber.add_response("get_object", {"Body": StreamingBody(io.BytesIO(b"{}"), 2)}, where)
    stubber.add_response("delete_object", {}, where)
    store.put("a.json", b"{}", "application/json")
    assert store.get("a.json") == b"{}"
    store.delete("a.json")


def test_keys_come_from_every_page_and_sorted(stub: tuple[S3Store, Stubber]) -> None:
    store, stubber = stub
    first = {"IsTruncated": True, "NextContinuationToken": "t", "Contents": [{"Key": "tasks/2"}]}
    stubber.add_response("list_objects_v2", first, {**BUCKET, "Prefix": "tasks/"})
    second = {"IsTruncated": False, "Contents": [{"Key": "tasks/10"}, {"Key": "tasks/1"}]}
    stubber.add_response(
        "list_objects_v2", second, {**BUCKET, "Prefix": "tasks/", "ContinuationToken": "t"}
    )
    assert store.keys("tasks/") == ["tasks/1", "tasks/10", "tasks/2"]


def test_a_prefix_without_objects_has_no_keys(stub: tuple[S3Store, Stubber]) -> None:
    store, stubber = stub
    stubber.add_response("list_objects_v2", {"IsTruncated": False}, {**BUCKET, "Prefix": "no/"})
    assert store.keys("no/") == []


@pytest.mark.parametrize(
    ("verb", "call", "operation"),
    [
        ("write", lambda store: store.put("a", b"", "text/plain"), "put_object"),
        ("read", lambda store: store.get("a"), "get_object"),
        ("delete", lambda store: store.delete("a"), "delete_object"),
    ],
)
def test_a_refusal_names_object_and_reason(
    stub: tuple[S3Store, Stubber], verb: str, call: object, operation: str
) -> None:
    store, stubber = stub
    stubber.add_client_error(operation, "QuotaExceeded", http_status_code=403)
    assert callable(call)
    with pytest.raises(AnalysisError) as caught:
        call(store)
    assert str(caught.value) == (
        f"the object storage refused to {verb} my-pattern/a: QuotaExceeded (HTTP 403)"
    )


def test_a_list_that_is_refused_names_the_prefix(stub: tuple[S3Store, Stubber]) -> None:
    store, stubber = stub
    stubber.add_client_error("list_objects_v2", "AccessDenied", http_status_code=403)
    with pytest.raises(AnalysisError, match=r"failed to list my-pattern/tasks/: .*AccessDenied"):
        store.keys("tasks/")


def test_storage_that_goes_away_in_between_is_named() -> None:
    unreachable = S3Store(s3_client(), "my-pattern")
    with pytest.raises(AnalysisError, match=r"failed to read my-pattern/a: Could not"):
        unreachable.get("a")


def test_storage_that_starts_late_is_waited_for(stub: tuple[S3Store, Stubber]) -> None:
    store, stubber = stub
    stubber.add_client_error("head_bucket", "ServiceUnavailable", http_status_code=503)
    stubber.add_client_error("head_bucket", "InternalError", http_status_code=500)
    stubber.add_response("head_bucket", {}, BUCKET)
    lines: list[str] = []
    store.wait_until_ready(lines.append, patience_s=5, pause_s=0.01)
    assert lines == ["waiting up to 5 s for object storage at http://127.0.0.1:9: HTTP 503"]


@pytest.mark.parametrize(
    ("status", "message"),
    [
        (404, "there is no bucket 'my-pattern' in the object storage at .*; create it"),
        (403, r"refuses the bucket 'my-pattern' \(HTTP 403\); check AWS_ACCESS_KEY_ID"),
    ],
)
def test_what_waiting_cannot_mend_ends_the_wait(
    stub: tuple[S3Store, Stubber], status: int, message: str
) -> None:
    store, stubber = stub
    stubber.add_client_error("head_bucket", str(status), http_status_code=status)
    with pytest.raises(AnalysisError, match=message) as caught:
        store.wait_until_ready(pytest.fail, patience_s=60)
    assert SECRET not in str(caught.value)


def test_a_bucket_name_that_cannot_be_is_named() -> None:
    with pytest.raises(AnalysisError, match=r"^S3_BUCKET: 'no bucket/' is not a bucket's name$"):
        S3Store(s3_client(), "no bucket/").wait_until_ready(pytest.fail)


def test_unreachable_storage_is_given_up_after_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        endpoint = f"http://127.0.0.1:{probe.getsockname()[1]}"
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", endpoint)
    with pytest.raises(AnalysisError) as caught:
        S3Store(s3_client(), "my-pattern").wait_until_ready(
            lambda _: None, patience_s=0.2, pause_s=0.1
        )
    assert str(caught.value) == (
        f"object storage at {endpoint} cannot be reached: no answer (EndpointConnectionError) for "
        "0.2 s; check that it runs and that AWS_ENDPOINT_URL_S3 is right"
    )


def test_an_endpoint_that_is_no_url_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", "storage")
    with pytest.raises(AnalysisError, match="object storage settings: Invalid endpoint: storage"):
        s3_client()
