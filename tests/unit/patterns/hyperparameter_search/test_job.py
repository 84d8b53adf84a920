"""One worker from its start to its end, with a bucket in memory."""

from __future__ import annotations

import csv
import json
import signal
from collections.abc import Iterator
from dataclasses import replace
from io import StringIO
from typing import Any

import pytest
from ssl_analysis.errors import AnalysisError
from ssl_analysis.settings import Environment

from patterns.hyperparameter_search.workload.hyperparameter_search import job
from patterns.hyperparameter_search.workload.hyperparameter_search.objective import Candidate, loss
from patterns.hyperparameter_search.workload.hyperparameter_search.sample import generate
from patterns.hyperparameter_search.workload.hyperparameter_search.settings import (
    Settings,
    database_url,
    read,
)
from tests.unit.patterns.hyperparameter_search.postgresql import PASSWORD, USER, Server

VARIABLES = {
    "TRIALS": "5",
    "SEED": "7",
    "EVENTS": "60",
    "GRACE_S": "20",
    "JOB_COMPLETION_INDEX": "0",
    "DATABASE_HOST": "127.0.0.1",
    "DATABASE_PORT": "5432",
    "DATABASE_USER": USER,
    "DATABASE_PASSWORD": PASSWORD,
}


class MemoryStore:
    def __init__(self) -> None:
        self.objects = {"outcome.json": b"of an earlier run"}
        self.order: list[str] = []

    def put(self, key: str, data: bytes, content_type: str) -> None:
        self.objects[key] = data
        self.order.append(key)

    def get(self, key: str) -> bytes:
        return self.objects[key]

    def delete(self, key: str) -> None:
        self.objects.pop(key, None)
        self.order.append(f"delete {key}")

    def keys(self, prefix: str) -> list[str]:
        return sorted(key for key in self.objects if key.startswith(prefix))


@pytest.fixture(autouse=True)
def undisturbed() -> Iterator[None]:
    """The worker sets what a signal does."""
    before = signal.getsignal(signal.SIGTERM)
    yield
    signal.signal(signal.SIGTERM, before)


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_the_first_worker_tells_what_all_have_found(server: Server) -> None:
    variables = {**VARIABLES, "DATABASE_PORT": str(server.port)}
    store, said = MemoryStore(), list[str]()
    other = {**variables, "JOB_COMPLETION_INDEX": "1"}
    job.run(Environment(other), store, said.append)
    assert store.order == []  # only the first one tells
    job.run(Environment(variables), store, said.append)
    assert store.order == ["delete outcome.json", "trials.csv", "trials.png", "outcome.json"]
    assert "worker 0: 5 of 5 trials are done" in said

    table = list(csv.DictReader(StringIO(store.objects["trials.csv"].decode())))
    assert [row["number"] for row in table] == ["0", "1", "2", "3", "4"]
    assert {row["worker"] for row in table} == {"1"}
    sample = generate(7, 60)
    for row in table:  # each loss is that of the candidate beside it
        candidate = Candidate(ridge=float(row["ridge"]), gamma=float(row["gamma"]))
        assert float(row["loss"]) == loss(sample, candidate)
    found: dict[str, Any] = json.loads(store.objects["outcome.json"])
    assert found["values"]["trials"] == 5
    assert found["values"]["lowest loss"] == min(float(row["loss"]) for row in table)
    assert found["values"]["loss of the defaults"] == float(table[0]["loss"])
    assert found["files"] == {"table": "trials.csv", "plot": "trials.png"}
    assert store.objects["trials.png"].startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("TRIALS", "0", "TRIALS: 0 is not between 1 and 2000"),
        ("TRIALS", "many", "TRIALS: 'many' is not a whole number"),
        ("EVENTS", "100000", "EVENTS: 100000 is not between 50 and 2000"),
        ("SEED", "-1", "SEED: -1 is not between 0 and 4294967295"),
        ("GRACE_S", "", "GRACE_S is not set; set it in the pod's environment"),
        ("JOB_COMPLETION_INDEX", "", "JOB_COMPLETION_INDEX is not set; set it in the pod's"),
        ("DATABASE_PASSWORD", "", "DATABASE_PASSWORD is not set; set it in the pod's"),
        ("DATABASE_PORT", "70000", "DATABASE_PORT: 70000 is not between 1 and 65535"),
    ],
)
def test_a_wrong_setting_is_named(name: str, value: str, message: str) -> None:
    store = MemoryStore()
    with pytest.raises(AnalysisError) as refused:
        job.run(Environment({**VARIABLES, name: value}), store, lambda line: None)
    assert str(refused.value).startswith(message)
    assert store.order == []


def test_the_settings_of_another_question_are_another_study() -> None:
    settings = read(Environment(VARIABLES))
    assert settings == Settings(trials=5, seed=7, events=60, worker=0, grace_s=20)
    assert replace(settings, trials=9, worker=3, grace_s=5).study == settings.study
    assert replace(settings, seed=8).study != settings.study
    assert replace(settings, events=61).study != settings.study


def test_the_password_is_in_no_text_of_the_address() -> None:
    url = database_url(Environment(VARIABLES))
    assert PASSWORD not in str(url)
    assert url.password == PASSWORD
