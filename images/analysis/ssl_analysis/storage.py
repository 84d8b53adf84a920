"""Object storage: what an analysis needs of it, and S3 as the one real implementation."""

import time
from collections.abc import Callable
from typing import Any, Protocol

import boto3
from botocore.config import Config
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectionError,
    HTTPClientError,
    ParamValidationError,
)

from .errors import AnalysisError


class ObjectStore(Protocol):
    """One bucket. Every method raises AnalysisError when the storage refuses or does not answer."""

    def put(self, key: str, data: bytes, content_type: str) -> None:
        """Store ``data`` under ``key``, in place of what was there."""

    def get(self, key: str) -> bytes:
        """Return what is stored under ``key``."""

    def delete(self, key: str) -> None:
        """Remove ``key``; it is no error when there is nothing."""

    def keys(self, prefix: str) -> list[str]:
        """Return the keys that begin with ``prefix``, sorted."""


class S3Store:
    """A bucket of S3-compatible storage."""

    def __init__(self, client: Any, bucket: str) -> None:
        """``client`` is a boto3 S3 client, for instance from `s3_client`."""
        self._client = client
        self._bucket = bucket

    def put(self, key: str, data: bytes, content_type: str) -> None:
        """Store ``data`` under ``key``, in place of what was there."""
        self._ask("write", key, self._client.put_object, Body=data, ContentType=content_type)

    def get(self, key: str) -> bytes:
        """Return what is stored under ``key``."""
        data: bytes = self._ask(
            "read", key, lambda **where: self._client.get_object(**where)["Body"].read()
        )
        return data

    def delete(self, key: str) -> None:
        """Remove ``key``; it is no error when there is nothing."""
        self._ask("delete", key, self._client.delete_object)

    def keys(self, prefix: str) -> list[str]:
        """Return the keys that begin with ``prefix``, sorted."""
        try:
            pages = self._client.get_paginator("list_objects_v2").paginate(
                Bucket=self._bucket, Prefix=prefix
            )
            return sorted(each["Key"] for page in pages for each in page.get("Contents", []))
        except (BotoCoreError, ClientError) as error:
            raise AnalysisError(
                f"the object storage failed to list {self._bucket}/{prefix}: {error}"
            ) from error

    def wait_until_ready(
        self, report: Callable[[str], None], patience_s: float = 60.0, pause_s: float = 2.0
    ) -> None:
        """Return once the bucket answers, asking again for up to ``patience_s`` seconds.

        Only silence and errors of the storage itself (5xx) are waited out, because an analysis
        may start before the storage does. A missing bucket or refused credentials do not mend
        themselves: they raise AnalysisError at once.
        """
        endpoint = self._client.meta.endpoint_url
        deadline = time.monotonic() + patience_s
        waiting = False
        while True:
            try:
                self._client.head_bucket(Bucket=self._bucket)
                return
            except (ConnectionError, HTTPClientError) as error:
                trouble = f"no answer ({type(error).__name__})"
            except ClientError as error:
                status = _status(error)
                if status < 500:
                    raise AnalysisError(self._refusal(status, endpoint)) from error
                trouble = f"HTTP {status}"
            except ParamValidationError as error:
                raise AnalysisError(
                    f"S3_BUCKET: {self._bucket!r} is not a bucket's name"
                ) from error
            except BotoCoreError as error:
                raise AnalysisError(f"object storage at {endpoint}: {error}") from error
            if time.monotonic() + pause_s > deadline:
                raise AnalysisError(
                    f"object storage at {endpoint} cannot be reached: {trouble} for "
                    f"{patience_s:g} s; check that it runs and that AWS_ENDPOINT_URL_S3 is right"
                )
            if not waiting:
                report(
                    f"waiting up to {patience_s:g} s for object storage at {endpoint}: {trouble}"
                )
                waiting = True
            time.sleep(pause_s)

    def _refusal(self, status: int, endpoint: str) -> str:
        if status == 404:
            return (
                f"there is no bucket {self._bucket!r} in the object storage at {endpoint}; create "
                "it or correct S3_BUCKET"
            )
        return (
            f"the object storage at {endpoint} refuses the bucket {self._bucket!r} (HTTP {status});"
            " check AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and what that key may do"
        )

    def _ask(self, verb: str, key: str, call: Callable[..., Any], **arguments: Any) -> Any:
        try:
            return call(Bucket=self._bucket, Key=key, **arguments)
        except ClientError as error:
            reason = f"{error.response.get('Error', {}).get('Code', '')} (HTTP {_status(error)})"
            raise AnalysisError(
                f"the object storage refused to {verb} {self._bucket}/{key}: {reason}"
            ) from error
        except BotoCoreError as error:
            raise AnalysisError(
                f"the object storage failed to {verb} {self._bucket}/{key}: {error}"
            ) from error


def s3_client() -> Any:
    """Return a boto3 S3 client; endpoint, region and credentials come from the environment.

    Path-style addresses (``host/bucket/key``), because the storage in a cluster has no DNS
    name for each bucket. Raises AnalysisError when the endpoint is not a URL.
    """
    config = Config(
        s3={"addressing_style": "path"},
        connect_timeout=5,
        read_timeout=30,
        retries={"mode": "standard", "max_attempts": 3},
        # The newer checksum trailers are not understood by every S3 server; an analysis
        # that has to be sure compares SHA-256 sums itself.
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
    )
    try:
        return boto3.client("s3", config=config)
    except (BotoCoreError, ValueError) as error:
        raise AnalysisError(f"object storage settings: {error}") from error


def _status(error: ClientError) -> int:
    return int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
