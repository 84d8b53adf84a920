"""What the Job makes of the answer of `condor_status`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from ssl_analysis.errors import AnalysisError
from ssl_analysis.settings import Environment

from patterns.htcondor.workload.htcondor import workers
from tests.unit.patterns.memory_store import MemoryStore

ANSWER = "slot1@condor-worker-ssl-7d4-abcde@node1 4\nslot1@condor-worker-ssl-7d4-fghij@node1 2\n"


def kept(answer: str, folder: Path) -> dict[str, float]:
    file = folder / "workers"
    file.write_text(answer)
    store = MemoryStore()
    workers.run(Environment({"WORKERS": str(file)}), store, lambda _: None)
    found: dict[str, float] = json.loads(store.objects["outcome.json"])["values"]
    return found


def test_workers_and_their_cores_are_counted(tmp_path: Path) -> None:
    assert kept(ANSWER, tmp_path) == {"workers in the pool": 2, "cores in the pool": 6}


def test_a_worker_that_is_listed_twice_is_one(tmp_path: Path) -> None:
    assert kept(ANSWER + ANSWER, tmp_path)["workers in the pool"] == 2


def test_a_pool_that_knows_none_is_a_number_too(tmp_path: Path) -> None:
    assert kept("", tmp_path) == {"workers in the pool": 0, "cores in the pool": 0}


def test_another_answer_is_no_outcome(tmp_path: Path) -> None:
    with pytest.raises(AnalysisError, match="'Error: communication error', not a name"):
        kept("Error: communication error\n", tmp_path)
