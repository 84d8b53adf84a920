from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from distributed import Worker
from ssl_analysis.errors import AnalysisError

from patterns.event_processing.workload.event_processing import driver, work
from patterns.event_processing.workload.event_processing.settings import Settings

RUN = Settings(
    seed=7, files=6, events_per_file=400, files_per_worker=2, most_workers=2, patience_s=20.0
)


class MemoryStore:
    """Object storage in a dictionary; `before_get` is called with each key that is read."""

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}

    def before_get(self, key: str) -> None:
        """Do nothing, unless a test puts something in this place."""

    def put(self, key: str, data: bytes, content_type: str) -> None:
        self.objects[key] = data

    def get(self, key: str) -> bytes:
        self.before_get(key)
        if key not in self.objects:
            raise AnalysisError(f"the object storage refused to read {key}")
        return self.objects[key]

    def delete(self, key: str) -> None:
        self.objects.pop(key, None)

    def keys(self, prefix: str) -> list[str]:
        return sorted(key for key in self.objects if key.startswith(prefix))


class WorkersHere:
    """Stands in for the Deployment: its pods are Dask workers of this process."""

    def __init__(self, client: Any) -> None:
        self._client = client
        self.workers: list[Any] = []
        self.asked: list[int] = []

    def scale(self, number: int) -> None:
        self.asked.append(number)
        while len(self.workers) < number:
            self.add()
        for _ in range(len(self.workers) - number):
            self._client.sync(self.workers.pop().close)

    def count(self) -> int:
        return len(self.workers)

    def add(self) -> None:
        async def start() -> Any:
            return await Worker(self._client.scheduler.address, nthreads=1, dashboard=False)

        self.workers.append(self._client.sync(start))


def silent(line: str) -> None:
    """Take a line of progress and drop it."""


@pytest.fixture
def store(monkeypatch: pytest.MonkeyPatch) -> MemoryStore:
    """The bucket, which the workers of this process find as well."""
    made = MemoryStore()
    monkeypatch.setattr(work, "_store", lambda: made)
    return made


@pytest.fixture
def client() -> Iterator[Any]:
    with driver.scheduler(port=0, host="127.0.0.1") as made:
        yield made


@pytest.fixture
def pods(client: Any) -> Iterator[WorkersHere]:
    made = WorkersHere(client)
    yield made
    made.scale(0)
