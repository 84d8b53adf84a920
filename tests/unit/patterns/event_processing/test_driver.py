"""The driver with a real scheduler and real workers; the pods alone are stood in for."""

from __future__ import annotations

import json
import threading
from dataclasses import replace
from typing import Any

import pytest
from distributed import get_worker
from ssl_analysis.errors import AnalysisError

from patterns.event_processing.workload.event_processing import driver
from patterns.event_processing.workload.event_processing.inputs import prepare
from tests.unit.patterns.event_processing.conftest import RUN, MemoryStore, WorkersHere, silent

pytestmark = pytest.mark.volume


def processed(store: MemoryStore, client: Any, pods: WorkersHere) -> list[dict[str, Any]]:
    return driver.process(RUN, prepare(RUN, store, silent), client, pods, silent)[0]


def test_workers_come_for_the_work_and_go_after_it(
    store: MemoryStore, client: Any, pods: WorkersHere
) -> None:
    inputs = prepare(RUN, store, silent)
    sums, most = driver.process(RUN, inputs, client, pods, silent)
    assert (pods.asked, most) == ([2], 2)
    assert driver.send_away(pods, 5.0, silent) == 0
    assert pods.asked == [2, 0]
    assert [each["events"] for each in sums] == [400] * 6


@pytest.mark.parametrize(("files", "workers"), [(0, 0), (1, 1), (2, 1), (3, 2), (100, 2)])
def test_there_are_as_many_workers_as_the_work_is_worth(files: int, workers: int) -> None:
    assert RUN.workers_for(files) == workers


def test_a_killed_worker_changes_nothing(
    store: MemoryStore, client: Any, pods: WorkersHere
) -> None:
    right = processed(store, client, pods)
    killed = threading.Event()

    def kill(key: str) -> None:
        if key.endswith("3.root") and not killed.is_set():
            killed.set()
            worker = get_worker()
            worker.loop.add_callback(worker.close, executor_wait=False, nanny=False)
            threading.Event().wait(1.0)

    for future in list(client.futures):
        client.cancel([future], force=True)
    store.before_get = kill  # type: ignore[method-assign]
    assert processed(store, client, pods) == right
    assert killed.is_set()


def test_the_outcome_is_published_after_the_workers_have_gone(
    store: MemoryStore, client: Any, pods: WorkersHere, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Here:
        def __enter__(self) -> Any:
            return client

        def __exit__(self, *_: object) -> None:
            pass

    monkeypatch.setattr(driver, "scheduler", Here)
    store.objects["outcome.json"] = b"of before"
    driver.run(RUN, store, pods, silent)
    found = json.loads(store.objects["outcome.json"])
    assert found["values"]["events"] == 2400
    assert found["values"]["workers left"] == 0
    assert found["metrics"]["workers at most"] == 2
    counts = json.loads(store.objects["dimuons.json"])["counts"]
    assert sum(counts) == found["values"]["dimuons from 70 to 110 GeV"] > 500


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (None, "is missing"),
        (b"text", "was changed or damaged after it was made"),
    ],
)
def test_wrong_inputs_are_named_and_the_others_are_done(
    store: MemoryStore, client: Any, pods: WorkersHere, damage: bytes | None, said: str
) -> None:
    inputs = prepare(RUN, store, silent)
    for wrong in (1, 4):
        if damage is None:
            del store.objects[inputs[wrong].key]
        else:
            store.objects[inputs[wrong].key] = damage
    lines: list[str] = []
    with pytest.raises(AnalysisError, match="2 of 6 inputs could not be used") as caught:
        driver.process(RUN, inputs, client, pods, lines.append)
    assert "6 of 6 files done" in lines
    for wrong in (1, 4):
        assert f"{inputs[wrong].key} {said}" in str(caught.value)


def test_workers_that_somebody_sends_away_are_asked_for_again(
    store: MemoryStore, client: Any, pods: WorkersHere
) -> None:
    class Undone:
        """The first time that there should be workers, somebody undoes it."""

        def __init__(self) -> None:
            self.asked: list[int] = []

        def scale(self, number: int) -> None:
            self.asked.append(number)
            if len(self.asked) > 1:
                pods.scale(number)

        def count(self) -> int:
            return pods.count()

    undone = Undone()
    inputs = prepare(RUN, store, silent)
    sums, _ = driver.process(replace(RUN, ask_again_s=0.5), inputs, client, undone, silent)
    assert undone.asked[:2] == [2, 2]
    assert len(sums) == 6


def test_a_driver_that_gets_no_worker_says_so(store: MemoryStore, client: Any) -> None:
    class NoPods:
        def scale(self, number: int) -> None:
            pass

        def count(self) -> int:
            return 0

    hasty = replace(RUN, patience_s=0.5)
    inputs = prepare(RUN, store, silent)
    with pytest.raises(AnalysisError, match=r"no worker came within 0\.5 s"):
        driver.process(hasty, inputs, client, NoPods(), silent)


def test_preparing_again_changes_nothing(store: MemoryStore) -> None:
    inputs = prepare(RUN, store, silent)
    before = dict(store.objects)
    assert prepare(RUN, store, silent) == inputs
    assert store.objects == before


def test_an_input_that_was_not_finished_is_made_again(store: MemoryStore) -> None:
    inputs = prepare(RUN, store, silent)
    del store.objects[f"{inputs[2].key}.sha256"]
    store.objects[inputs[2].key] = b"half"
    again = prepare(RUN, store, silent)
    assert again[2].key == inputs[2].key
    assert store.objects[inputs[2].key] != b"half"
