"""Reading parts of an object, so that no more is on the network than was asked for.

Whoever asks for a whole object and reads it slowly still gets megabytes at once: the kernel takes
them in advance.
"""

from typing import Any, Protocol

from botocore.exceptions import BotoCoreError, ClientError
from ssl_analysis.errors import AnalysisError

from .errors import BadInputError


class Ranges(Protocol):
    """One bucket, of whose objects parts are read."""

    def read(self, key: str, start: int, size: int) -> bytes:
        """Return up to `size` bytes from `start` on.

        Raises BadInputError where there is no such object or part, else AnalysisError.
        """


class S3Ranges:
    """A bucket of S3-compatible storage."""

    def __init__(self, client: Any, bucket: str) -> None:
        self._client = client
        self._bucket = bucket

    def read(self, key: str, start: int, size: int) -> bytes:
        """Return up to `size` bytes from `start` on."""
        try:
            answer = self._client.get_object(
                Bucket=self._bucket, Key=key, Range=f"bytes={start}-{start + size - 1}"
            )
            data: bytes = answer["Body"].read()
        except ClientError as error:
            status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode")
            if status == 404:
                raise BadInputError(f"{key} is listed but missing; restore it") from error
            if status == 416:
                raise BadInputError(f"{key} ends before byte {start}; restore it") from error
            raise AnalysisError(
                f"the object storage refused to read {self._bucket}/{key}: HTTP {status}"
            ) from error
        except BotoCoreError as error:
            raise AnalysisError(
                f"the object storage failed to read {self._bucket}/{key}: {error}"
            ) from error
        return data
