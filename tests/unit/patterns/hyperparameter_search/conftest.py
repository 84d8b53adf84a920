from __future__ import annotations

import tempfile
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

from patterns.hyperparameter_search.workload.hyperparameter_search.database import Database
from patterns.hyperparameter_search.workload.hyperparameter_search.settings import Settings
from patterns.hyperparameter_search.workload.hyperparameter_search.study import Study, open_study
from tests.unit.patterns.hyperparameter_search.postgresql import Server, installed
from tests.unit.patterns.ports import free_port

SEEDS = count(1)
"""A seed of its own for each study: they share one server."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what takes a server of its own: half a minute to make a database."""
    for item in items:
        if "server" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.volume)


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    if not installed():
        pytest.skip("the machine has no PostgreSQL (Debian's package postgresql)")
    # not in pytest's own folder: each pytest that starts on the machine closes it to other users
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        running = Server(Path(folder), free_port())
        running.start()
        try:
            running.ready()
            yield running
        finally:
            running.stop()


@pytest.fixture
def database(server: Server) -> Database:
    return Database(server.url, lambda line: None, pause_s=0.1)


@pytest.fixture
def settings() -> Settings:
    # nobody is taken for dead on a busy machine, but where a test says so
    return Settings(trials=6, seed=next(SEEDS), events=50, worker=0, grace_s=120)


@pytest.fixture
def study(settings: Settings, database: Database) -> Study:
    return open_study(settings, database)
