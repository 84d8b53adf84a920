"""The stages, repeated, killed and given inputs that are wrong."""

from __future__ import annotations

import hashlib
import json
import random
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest
from ssl_analysis.errors import AnalysisError

from patterns.fan_out.workload.fan_out import merge, prepare, task
from patterns.fan_out.workload.fan_out.errors import BadInputError
from patterns.fan_out.workload.fan_out.generate import generate
from patterns.fan_out.workload.fan_out.histogram import added, counts
from patterns.fan_out.workload.fan_out.inputs import Input, from_json, to_json
from patterns.fan_out.workload.fan_out.results import result_key
from patterns.fan_out.workload.fan_out.rootfile import to_root
from tests.unit.patterns.fan_out.conftest import MemoryStore, a_run, silent

pytestmark = pytest.mark.volume

RUN = a_run()


def do(store: MemoryStore, index: int, pod: str = "pod", **changes: Any) -> None:
    task.run(a_run(**changes), (index, pod), store, store, silent)


def outcome(store: MemoryStore) -> dict[str, Any]:
    merge.run(RUN, store, silent)
    return dict(json.loads(store.objects["outcome.json"]))


def serial(seed: int = 7, files: int = 4, events: int = 500) -> list[int]:
    """The histogram of all inputs, made in one loop without storage or tasks."""
    return added(counts(generate(seed, number, events)) for number in range(files))


@pytest.fixture
def inputs(store: MemoryStore) -> list[Input]:
    return prepare.run(RUN, store, silent)


def test_the_merged_histogram_is_the_serial_one(store: MemoryStore, inputs: list[Input]) -> None:
    for index in (2, 0, 3, 1):
        do(store, index)
    found = outcome(store)
    assert json.loads(store.objects["histogram.json"])["counts"] == serial()
    assert found["values"]["inputs"] == 4
    assert found["values"]["lost events"] == found["values"]["doubled events"] == 0
    assert found["values"]["events in the histogram"] == sum(serial()) > 1000
    assert found["metrics"]["staged (bytes)"] == sum(each.size_bytes for each in inputs)


@pytest.mark.parametrize("seed", range(5))
def test_killed_repeated_and_doubled_tasks_change_nothing(
    store: MemoryStore, inputs: list[Input], seed: int
) -> None:
    chance = random.Random(seed)
    done: set[int] = set()
    while len(done) < 4:
        index = chance.randrange(4)
        store.fails_after = chance.choice([0, 1, None])  # before the result, after it, not at all
        try:
            do(store, index, f"pod-{chance.random()}")
            done.add(index)
        except AnalysisError:
            pass
    store.fails_after = None
    assert outcome(store)["values"]["doubled events"] == 0
    assert json.loads(store.objects["histogram.json"])["counts"] == serial()


def test_two_pods_of_one_task_at_once_leave_one_result(
    store: MemoryStore, inputs: list[Input]
) -> None:
    with ThreadPoolExecutor(2) as pods:
        list(pods.map(lambda pod: do(store, 1, pod), ["a", "b"]))
    key = result_key("abc", inputs[1])
    written = store.objects[key]
    assert store.keys("results/") == [key]
    del store.objects[key]
    do(store, 1, "c")
    assert store.objects[key] == written  # byte for byte


def test_a_task_that_is_done_reads_and_writes_nothing(
    store: MemoryStore, inputs: list[Input]
) -> None:
    do(store, 0)
    written = list(store.written)
    del store.objects[inputs[0].key]
    do(store, 0, "another")
    assert store.written == written


def test_preparing_again_changes_nothing(store: MemoryStore, inputs: list[Input]) -> None:
    before = dict(store.objects)
    store.objects["outcome.json"] = b"{}"
    assert prepare.run(RUN, store, silent) == inputs
    assert store.objects == before  # and the outcome of before is withdrawn


def test_a_killed_preparation_goes_on(store: MemoryStore) -> None:
    store.fails_after = 2
    with pytest.raises(AnalysisError):
        prepare.run(RUN, store, silent)
    assert store.keys("lists/") == []
    store.fails_after = None
    first = store.objects[store.keys("inputs/")[0]]
    assert len(prepare.run(RUN, store, silent)) == 4
    assert store.objects[store.keys("inputs/")[0]] == first


def test_an_input_that_somebody_replaced_between_runs_is_made_again(
    store: MemoryStore, inputs: list[Input]
) -> None:
    for index in range(4):
        do(store, index)
    right = outcome(store)["values"]
    store.objects[inputs[2].key] = to_root(generate(99, 0, 500), 1000)
    lines: list[str] = []
    again = prepare.run(RUN, store, lines.append)
    assert f"{inputs[2].key} holds other events than it should and is made again" in lines
    do(store, 2)
    assert again[2].key == inputs[2].key
    assert {**outcome(store)["values"], "highest rate of all tasks (MB/s)": 0} == {
        **right,
        "highest rate of all tasks (MB/s)": 0,
        "highest rate of a task (MB/s)": outcome(store)["values"]["highest rate of a task (MB/s)"],
    }


def test_a_changed_input_has_another_result(store: MemoryStore, inputs: list[Input]) -> None:
    do(store, 2)
    changed = replace(inputs[2], sha256="0" * 64)
    store.put(RUN.list_key, to_json([*inputs[:2], changed, inputs[3]]), "application/json")
    with pytest.raises(AnalysisError, match="4 of 4 inputs have no result"):
        merge.run(RUN, store, silent)


def damage(store: MemoryStore, key: str, how: str) -> None:
    data = store.objects[key]
    if how == "missing":
        del store.objects[key]
    elif how == "short":
        store.objects[key] = data[:-100]
    else:
        store.objects[key] = data[:1000] + bytes([data[1000] ^ 1]) + data[1001:]


@pytest.mark.parametrize(
    ("how", "said"),
    [
        ("missing", "is listed but missing"),
        ("short", "were listed"),
        ("changed", "was changed or damaged after it was listed"),
    ],
)
def test_a_wrong_input_is_named_and_the_others_go_on(
    store: MemoryStore, inputs: list[Input], how: str, said: str
) -> None:
    damage(store, inputs[1].key, how)
    for index in (0, 2, 3):
        do(store, index)
    with pytest.raises(BadInputError, match=said) as caught:
        do(store, 1)
    assert str(caught.value).startswith(inputs[1].key)
    with pytest.raises(AnalysisError) as missing:
        merge.run(RUN, store, silent)
    assert str(missing.value) == (
        f"1 of 4 inputs have no result after 0 s: {inputs[1].key}; the logs of their tasks say why"
    )
    assert "outcome.json" not in store.objects


def test_a_file_that_was_no_root_file_when_it_was_listed_is_named(store: MemoryStore) -> None:
    wanted = Input(key="inputs/a.root", size_bytes=4, sha256="x", first_event=0, last_event=9)
    with pytest.raises(BadInputError, match=r"inputs/a\.root is not a ROOT file with a tree"):
        task.analysed(wanted, b"text")


def test_events_that_are_there_twice_are_refused() -> None:
    wanted = Input(key="inputs/a.root", size_bytes=4, sha256="x", first_event=0, last_event=9)
    with pytest.raises(BadInputError, match="does not hold the events 0 to 9, each once"):
        task.analysed(wanted, to_root(generate(1, 0, 10), 5))


def test_an_input_that_is_too_large_says_what_it_needs(
    store: MemoryStore, inputs: list[Input]
) -> None:
    with pytest.raises(BadInputError, match=r"needs 193Mi of memory; it has 192Mi: raise memory"):
        do(store, 0, memory_bytes=192 * 2**20)


def test_a_list_names_no_input_twice(store: MemoryStore, inputs: list[Input]) -> None:
    with pytest.raises(AnalysisError, match=f"lists {inputs[0].key} more than once"):
        from_json("lists/a.json", to_json([inputs[0], inputs[1], inputs[0]]))


@pytest.mark.parametrize("document", [b"text", b"{}", b'{"input": {}, "histogram": [1]}'])
def test_a_result_that_is_none_is_named(
    store: MemoryStore, inputs: list[Input], document: bytes
) -> None:
    for index in range(4):
        do(store, index)
    key = result_key("abc", inputs[3])
    store.objects[key] = document
    with pytest.raises(AnalysisError, match=f"{key} is not a result"):
        merge.run(RUN, store, silent)
    assert "outcome.json" not in store.objects


def test_events_that_the_list_leaves_out_or_names_twice_are_counted(
    store: MemoryStore, inputs: list[Input]
) -> None:
    overlapping = replace(inputs[3], first_event=1200, last_event=1699)
    store.put(overlapping.key, to_root(generate(7, 3, 500), 1200), "")
    data = store.objects[overlapping.key]
    listed = Input(
        key=overlapping.key,
        size_bytes=len(data),
        sha256=hashlib.sha256(data).hexdigest(),
        first_event=1200,
        last_event=1699,
    )
    store.put(RUN.list_key, to_json([*inputs[:3], listed]), "application/json")
    for index in range(4):
        do(store, index)
    values = outcome(store)["values"]
    assert (values["lost events"], values["doubled events"]) == (300, 300)


def test_a_task_without_a_list_or_an_input_says_so(store: MemoryStore) -> None:
    with pytest.raises(AnalysisError, match="there is no list of inputs lists/abc-seed7-n500-f4"):
        do(store, 0)
    prepare.run(RUN, store, silent)
    with pytest.raises(AnalysisError, match="JOB_COMPLETION_INDEX: 4, but there are 4 inputs"):
        do(store, 4)
