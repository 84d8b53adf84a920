from __future__ import annotations

import pytest
from ssl_analysis.errors import AnalysisError

from patterns.fan_out.workload.fan_out.errors import BadInputError
from patterns.fan_out.workload.fan_out.settings import Settings


class MemoryStore:
    """Object storage in a dictionary; `fails_after` it has stored so many objects more."""

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}
        self.written: list[str] = []
        self.fails_after: int | None = None

    def put(self, key: str, data: bytes, content_type: str) -> None:
        if self.fails_after == 0:
            raise AnalysisError(f"the object storage failed to write {key}")
        if self.fails_after is not None:
            self.fails_after -= 1
        self.objects[key] = data
        self.written.append(key)

    def get(self, key: str) -> bytes:
        if key not in self.objects:
            raise AnalysisError(f"the object storage refused to read {key}")
        return self.objects[key]

    def delete(self, key: str) -> None:
        self.objects.pop(key, None)

    def keys(self, prefix: str) -> list[str]:
        return sorted(key for key in self.objects if key.startswith(prefix))

    def read(self, key: str, start: int, size: int) -> bytes:
        if key not in self.objects:
            raise BadInputError(f"{key} is listed but missing; restore it")
        return self.objects[key][start : start + size]


def a_run(**changes: object) -> Settings:
    """A run of four small inputs whose budget holds nothing back."""
    told: dict[str, object] = {
        "stage": "task",
        "version": "abc",
        "seed": 7,
        "files": 4,
        "events_per_file": 500,
        "budget_bytes_s": 1e9,
        "tasks_at_once": 2,
        "memory_bytes": 320 * 2**20,
        "patience_s": 0.0,
    }
    return Settings(**{**told, **changes})  # type: ignore[arg-type]


def silent(line: str) -> None:
    """Take a line of progress and drop it."""


@pytest.fixture
def store() -> MemoryStore:
    return MemoryStore()
