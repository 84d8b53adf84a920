"""Where results are kept: a bucket of S3-compatible object storage."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Protocol

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

_THREADS = 8
_MISSING = {"NoSuchKey", "404"}


class StoreError(Exception):
    """Object storage did not answer, or said no; the message has its code and no secret."""


class Store(Protocol):
    """Documents by name. Every method raises :class:`StoreError` when storage cannot be used."""

    async def get(self, key: str) -> bytes | None:
        """The document of this name, or None where there is none."""

    async def put(self, key: str, document: bytes) -> None:
        """Keep a JSON document under this name, in place of an earlier one."""

    async def check(self) -> None:
        """Make sure that the bucket is there and may be used."""

    def close(self) -> None:
        """Let go of connections and threads."""


class S3Store:
    """A bucket behind an S3 API, reached by boto3 in a few threads.

    Endpoint, region and keys come from the ``AWS_*`` variables that boto3 reads by itself.
    Buckets are addressed by path, as SeaweedFS and most campus storage expect it. Time limits
    are short: a request waits 4 s at most for storage that is down.
    """

    def __init__(self, bucket: str) -> None:
        self._bucket = bucket
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="store")
        self._client = boto3.client(
            "s3",
            config=Config(
                connect_timeout=1.0,
                read_timeout=2.0,
                retries={"total_max_attempts": 2, "mode": "standard"},
                max_pool_connections=_THREADS,
                s3={"addressing_style": "path"},
                # Checksum trailers are an extension that not every S3 service knows.
                request_checksum_calculation="when_required",
                response_checksum_validation="when_required",
            ),
        )

    async def get(self, key: str) -> bytes | None:
        """The document of this name, or None where there is none."""

        def read() -> Any:
            return self._client.get_object(Bucket=self._bucket, Key=key)["Body"].read()

        try:
            document: bytes = await self._call(read)
        except StoreError as error:
            if isinstance(error.__cause__, ClientError) and _code(error.__cause__) in _MISSING:
                return None
            raise
        return document

    async def put(self, key: str, document: bytes) -> None:
        """Keep a JSON document under this name, in place of an earlier one."""
        await self._call(
            lambda: self._client.put_object(
                Bucket=self._bucket, Key=key, Body=document, ContentType="application/json"
            )
        )

    async def check(self) -> None:
        """Make sure that the bucket is there and may be used."""
        await self._call(lambda: self._client.head_bucket(Bucket=self._bucket))

    def close(self) -> None:
        """Let go of connections and threads."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        self._client.close()

    async def _call(self, operation: Callable[[], Any]) -> Any:
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, operation)
        except ClientError as error:
            operation_name = error.operation_name
            raise StoreError(f"{operation_name} was refused: {_code(error)}") from error
        except (BotoCoreError, OSError) as error:
            raise StoreError(f"no answer: {type(error).__name__}") from error


def _code(error: ClientError) -> str:
    return str(error.response.get("Error", {}).get("Code", "unknown"))
