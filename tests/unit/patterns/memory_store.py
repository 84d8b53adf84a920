"""Object storage in a dictionary, for the analyses' tests."""

from __future__ import annotations

import json
from typing import Any

from ssl_analysis.errors import AnalysisError

from sslab.checks.access import SiteAccess


class MemoryStore:
    """A bucket in memory; `calls` are what was asked of it, in order.

    With `fails_to_put` it refuses to write that key, as a full storage does.
    """

    def __init__(self, fails_to_put: str | None = None) -> None:
        """Begin empty."""
        self.objects: dict[str, bytes] = {}
        self.calls: list[tuple[str, str]] = []
        self._fails_to_put = fails_to_put

    def put(self, key: str, data: bytes, content_type: str) -> None:
        """Keep the data under the key."""
        self.calls.append(("put", key))
        if key == self._fails_to_put:
            raise AnalysisError(f"the object storage refused to write {key}: QuotaExceeded")
        self.objects[key] = data

    def get(self, key: str) -> bytes:
        """Return what is kept under the key."""
        return self.objects[key]

    def delete(self, key: str) -> None:
        """Forget the key."""
        self.calls.append(("delete", key))
        self.objects.pop(key, None)

    def keys(self, prefix: str) -> list[str]:
        """Return the keys that begin so."""
        return sorted(key for key in self.objects if key.startswith(prefix))

    def outcome(self) -> dict[str, Any]:
        """Return the outcome that an analysis left."""
        found: dict[str, Any] = json.loads(self.objects["outcome.json"])
        return found


class MemoryAccess(SiteAccess):
    """A site that has one bucket, in memory."""

    def __init__(self, bucket: str, store: MemoryStore) -> None:
        """Name the bucket of the store."""
        self._bucket = bucket
        self._store = store

    def stored(self, bucket: str, key: str, patience_s: float | None = None) -> bytes:
        """Return what is kept under the key; any other bucket is a mistake of the smoke test's."""
        assert bucket == self._bucket
        return self._store.get(key)


def silent(line: str) -> None:
    """Report nothing."""
