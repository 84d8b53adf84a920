"""The bucket: what boto3 answers, turned into a document, nothing or one kind of error."""

import asyncio
import io
import time
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.response import StreamingBody
from botocore.stub import Stubber

from patterns.fitting_service.workload.fitting_service.store import S3Store, StoreError

KEY = "fits/x.json"
ADDRESS = {"Bucket": "fits", "Key": KEY}


@pytest.fixture
def s3(monkeypatch: pytest.MonkeyPatch) -> Iterator[S3Store]:
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", "http://127.0.0.1:9")  # nothing listens there
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "visible-key")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "hidden-secret")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    store = S3Store("fits")
    yield store
    store.close()


@pytest.fixture
def answers(s3: S3Store) -> Iterator[Stubber]:
    with Stubber(s3._client) as stubber:
        yield stubber
        stubber.assert_no_pending_responses()


def test_a_document_is_read(s3: S3Store, answers: Stubber) -> None:
    body = StreamingBody(io.BytesIO(b"{}"), 2)
    answers.add_response("get_object", {"Body": body}, ADDRESS)
    assert asyncio.run(s3.get(KEY)) == b"{}"


def test_a_missing_document_is_none(s3: S3Store, answers: Stubber) -> None:
    answers.add_client_error("get_object", "NoSuchKey", http_status_code=404)
    assert asyncio.run(s3.get(KEY)) is None


def test_a_missing_bucket_is_an_error(s3: S3Store, answers: Stubber) -> None:
    answers.add_client_error("get_object", "NoSuchBucket", http_status_code=404)
    with pytest.raises(StoreError, match="GetObject was refused: NoSuchBucket"):
        asyncio.run(s3.get(KEY))


def test_a_document_is_kept(s3: S3Store, answers: Stubber) -> None:
    wanted: dict[str, Any] = {**ADDRESS, "Body": b"{}", "ContentType": "application/json"}
    answers.add_response("put_object", {}, wanted)
    asyncio.run(s3.put(KEY, b"{}"))


def test_a_refused_check_says_the_code_and_no_key(s3: S3Store, answers: Stubber) -> None:
    answers.add_client_error("head_bucket", "403", "visible-key may not", http_status_code=403)
    with pytest.raises(StoreError) as caught:
        asyncio.run(s3.check())
    assert str(caught.value) == "HeadBucket was refused: 403"


def test_storage_that_is_down_is_an_error_within_seconds(s3: S3Store) -> None:
    started = time.monotonic()
    with pytest.raises(StoreError, match="no answer: EndpointConnectionError"):
        asyncio.run(s3.put(KEY, b"{}"))
    assert time.monotonic() - started < 4.0


def test_buckets_are_addressed_by_path(s3: S3Store) -> None:
    url = s3._client.generate_presigned_url("get_object", Params=ADDRESS)
    assert url.startswith("http://127.0.0.1:9/fits/fits/x.json?")
