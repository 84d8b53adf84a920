"""The whole analysis on a bucket in memory: what it stores, and what becomes of bad settings."""

from __future__ import annotations

import io
import json
import re
import runpy

import numpy as np
import pytest
import uproot
from pydantic import ValidationError
from ssl_analysis.errors import AnalysisError
from ssl_analysis.settings import Environment

from patterns.generator_fit import reference
from patterns.generator_fit.settings import Settings
from patterns.generator_fit.smoke_test import run as smoke_test
from patterns.generator_fit.workload.generator_fit.analysis import run
from patterns.generator_fit.workload.generator_fit.rootfile import from_root, to_root
from sslab.checks.errors import CheckError
from sslab.checks.model import passed
from tests.unit.patterns.memory_store import MemoryAccess, MemoryStore, silent

pytestmark = pytest.mark.volume

DECAYS = "decays-seed20190622-n20000.root"


def environment(**changes: str) -> Environment:
    return Environment({"SEED": "20190622", "EVENTS": "20000", **changes})


@pytest.fixture(scope="module")
def finished() -> tuple[MemoryStore, list[str]]:
    store, lines = MemoryStore(), list[str]()
    store.objects["outcome.json"] = b"of an earlier run"
    run(environment(), store, lines.append)
    return store, lines


def test_the_outcome_is_withdrawn_first_and_published_last(
    finished: tuple[MemoryStore, list[str]],
) -> None:
    store, lines = finished
    assert store.calls == [
        ("delete", "outcome.json"),
        *(("put", key) for key in (DECAYS, "dalitz.png", "outcome.json")),
    ]
    assert store.objects["dalitz.png"].startswith(b"\x89PNG\r\n\x1a\n")
    assert lines[2] == "rho / K* amplitude = 0.7052 +- 0.0060"


def test_the_smoke_test_passes_on_it(finished: tuple[MemoryStore, list[str]]) -> None:
    measurements = list(smoke_test(MemoryAccess("generator-fit", finished[0])))
    assert len(measurements) == 15
    assert [each.check for each in measurements if not passed(each)] == []


def test_the_smoke_test_fails_on_other_numbers(finished: tuple[MemoryStore, list[str]]) -> None:
    store, found = MemoryStore(), finished[0].outcome()
    found["values"]["rho phase (rad)"] += 0.0019  # a tenth of its error
    store.objects = {**finished[0].objects, "outcome.json": json.dumps(found).encode()}
    failed = [
        each.check for each in smoke_test(MemoryAccess("generator-fit", store)) if not passed(each)
    ]
    assert failed == ["rho phase (rad)"]
    store.objects["dalitz.png"] = b"<html>"
    with pytest.raises(CheckError, match=r"dalitz\.png is no PNG"):
        list(smoke_test(MemoryAccess("generator-fit", store)))


def test_another_sample_passes_as_well() -> None:
    store = MemoryStore()
    run(environment(SEED="1", EVENTS="5000"), store, silent)
    assert [
        each.check for each in smoke_test(MemoryAccess("generator-fit", store)) if not passed(each)
    ] == []
    assert reference.expected(1, 5000)["rho phase (rad)"].value == 2.0


def test_the_decays_are_stored_as_they_were_generated(
    finished: tuple[MemoryStore, list[str]],
) -> None:
    with uproot.open(io.BytesIO(finished[0].objects[DECAYS])) as file:
        assert file["DalitzEventList"].num_entries == 20_000
        assert file["DalitzEventList"].keys() == ["s12", "s23"]
    numbers = np.array([0.1, 0.2, 0.3])
    back = from_root(to_root(numbers, 2 * numbers), 3)
    np.testing.assert_array_equal(back, [numbers, 2 * numbers])


class DamagingStore(MemoryStore):
    """Gives back other decays, or something else."""

    def __init__(self, data: bytes) -> None:
        super().__init__()
        self._data = data

    def get(self, key: str) -> bytes:
        return self._data


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"<html>not found</html>", "came back as no ROOT file with DalitzEventList"),
        (to_root(np.ones(3), np.ones(3)), "3 decays came back, stored were 5000"),
    ],
)
def test_damaged_decays_are_no_result(data: bytes, message: str) -> None:
    store = DamagingStore(data)
    with pytest.raises(AnalysisError, match=message):
        run(environment(EVENTS="5000"), store, silent)
    assert "outcome.json" not in store.objects


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"EVENTS": ""}, "EVENTS is not set"),
        ({"EVENTS": "1e4"}, "EVENTS: '1e4' is not a whole number"),
        ({"EVENTS": "10"}, "EVENTS: 10 is not between 5000 and 200000"),
        ({"SEED": "-1"}, "SEED: -1 is not between 0 and"),
    ],
)
def test_a_wrong_setting_is_named_and_nothing_changes(
    changes: dict[str, str], message: str
) -> None:
    store = MemoryStore()
    store.objects["outcome.json"] = b"of an earlier run"
    with pytest.raises(AnalysisError, match=re.escape(message)):
        run(environment(**changes), store, silent)
    assert store.calls == []


@pytest.mark.parametrize("events", [4999, 200_001])
def test_a_site_file_is_refused_what_the_analysis_would_refuse(events: int) -> None:
    with pytest.raises(ValidationError):
        Settings(events=events)


def test_the_job_ends_with_one_message(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("S3_BUCKET", raising=False)
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", "http://127.0.0.1:9")
    with pytest.raises(SystemExit) as ended:
        runpy.run_module("patterns.generator_fit.workload.generator_fit", run_name="__main__")
    assert ended.value.code == 1
    assert capsys.readouterr().err == (
        "generator-fit: error: S3_BUCKET is not set; set it in the pod's environment\n"
    )
