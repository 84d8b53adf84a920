"""One live service for the whole folder: a real server on loopback, a store in memory."""

import os
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
import uvicorn
from fastapi import FastAPI

from patterns.fitting_service.workload.fitting_service.app import build_app
from patterns.fitting_service.workload.fitting_service.settings import Settings
from tests.unit.patterns.fitting_service.fakes import MemoryStore

ROOT = Path(__file__).resolve().parents[4]

# The server that forks the workers reads its modules' path from here; without it every worker
# would import pyhf for itself.
os.environ["PYTHONPATH"] = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])
os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = "1"

SETTINGS = Settings(
    bucket="memory", workers=2, fit_timeout_s=60.0, max_body_bytes=100_000, queue_limit=2
)


@dataclass(frozen=True)
class LiveService:
    """A running service, its store and a client."""

    app: FastAPI
    store: MemoryStore
    client: httpx.Client
    address: tuple[str, int]

    def metric(self, name: str) -> float:
        """One metric's value now, 0 where it has never been counted."""
        for line in self.client.get("/metrics").text.splitlines():
            if line.startswith(f"{name} "):
                return float(line.split()[-1])
        return 0.0


def wait_until(condition: Callable[[], bool], timeout_s: float = 120.0) -> None:
    """Wait for a condition; fails after a time limit."""
    end = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < end, "the condition did not come true in time"
        time.sleep(0.02)


def _serve(store: MemoryStore) -> Iterator[LiveService]:
    app = build_app(SETTINGS, lambda: store)
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        address = listener.getsockname()
        server = uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        client = httpx.Client(base_url=f"http://{address[0]}:{address[1]}", timeout=120.0)
        with client:
            wait_until(lambda: server.started)
            yield LiveService(app, store, client, address)
        server.should_exit = True
        thread.join(timeout=60.0)
        assert not thread.is_alive()


@pytest.fixture(scope="session")
def store() -> MemoryStore:
    return MemoryStore()


@pytest.fixture(scope="session")
def running(store: MemoryStore) -> Iterator[LiveService]:
    yield from _serve(store)


@pytest.fixture
def service(running: LiveService) -> Iterator[LiveService]:
    """The live service with every worker warm, its storage up and empty."""
    wait_until(lambda: running.app.state.pool.warm == SETTINGS.workers)
    wait_until(lambda: running.app.state.pool.busy == 0)
    running.store.documents.clear()
    yield running
    running.store.down = False


@pytest.fixture
def second_service(running: LiveService) -> Iterator[LiveService]:
    """Another service on the same store, as after a restart of the pod."""
    yield from _serve(running.store)
