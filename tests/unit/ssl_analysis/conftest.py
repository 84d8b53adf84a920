"""Object storage as an analysis sees it: in a dictionary, and S3's answers without a server."""

from __future__ import annotations

from collections.abc import Iterator

import boto3
import pytest
from botocore.client import BaseClient
from botocore.stub import Stubber
from ssl_analysis.errors import AnalysisError
from ssl_analysis.storage import S3Store

SECRET = "a-secret-that-must-not-be-seen"
STORAGE = {
    "AWS_ENDPOINT_URL_S3": "http://127.0.0.1:9",
    "AWS_ACCESS_KEY_ID": "key",
    "AWS_SECRET_ACCESS_KEY": SECRET,
    "S3_BUCKET": "my-pattern",
}


class MemoryStore:
    """One bucket in a dictionary, with the order in which things happened."""

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}
        self.types: dict[str, str] = {}
        self.events: list[tuple[str, str]] = []

    def put(self, key: str, data: bytes, content_type: str) -> None:
        self.objects[key] = data
        self.types[key] = content_type
        self.events.append(("put", key))

    def get(self, key: str) -> bytes:
        if key not in self.objects:
            raise AnalysisError(f"no {key}")
        return self.objects[key]

    def delete(self, key: str) -> None:
        self.objects.pop(key, None)
        self.events.append(("delete", key))

    def keys(self, prefix: str) -> list[str]:
        return sorted(key for key in self.objects if key.startswith(prefix))


@pytest.fixture
def memory() -> MemoryStore:
    return MemoryStore()


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    others = {"AWS_DEFAULT_REGION": "us-east-1", "AWS_EC2_METADATA_DISABLED": "true"}
    for name, value in {**STORAGE, **others}.items():
        monkeypatch.setenv(name, value)
    for name in ("http_proxy", "HTTP_PROXY", "SEED"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def stub() -> Iterator[tuple[S3Store, Stubber]]:
    client: BaseClient = boto3.client("s3")
    with Stubber(client) as stubber:
        yield S3Store(client, "my-pattern"), stubber
        stubber.assert_no_pending_responses()
