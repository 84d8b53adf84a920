"""The whole analysis on a bucket in memory: what it stores, and what becomes of bad settings."""

from __future__ import annotations

import json
import re
import runpy

import pytest
from pydantic import ValidationError
from ssl_analysis.errors import AnalysisError
from ssl_analysis.settings import Environment

from patterns.likelihood_inference import reference
from patterns.likelihood_inference.settings import Settings
from patterns.likelihood_inference.smoke_test import run as smoke_test
from patterns.likelihood_inference.workload.likelihood_inference import analysis, classifier
from patterns.likelihood_inference.workload.likelihood_inference.analysis import run
from sslab.checks.errors import CheckError
from sslab.checks.model import passed
from tests.unit.patterns.memory_store import MemoryAccess, MemoryStore, silent

pytestmark = pytest.mark.volume


def environment(**changes: str) -> Environment:
    return Environment({"SEED": "20190622", "TRAINING_EVENTS": "100000", **changes})


@pytest.fixture(scope="module")
def finished() -> tuple[MemoryStore, list[str]]:
    """Return a run of half the default's collisions: that takes half its time."""
    store, lines = MemoryStore(), list[str]()
    store.objects["outcome.json"] = b"of an earlier run"
    run(environment(), store, lines.append)
    return store, lines


@pytest.mark.volume
def test_the_outcome_is_withdrawn_first_and_published_last(
    finished: tuple[MemoryStore, list[str]],
) -> None:
    store, lines = finished
    assert store.calls == [
        ("delete", "outcome.json"),
        ("put", "ratios.png"),
        ("put", "outcome.json"),
    ]
    assert store.objects["ratios.png"].startswith(b"\x89PNG\r\n\x1a\n")
    assert lines[2] == "theta, exact: 0.3771 +- 0.0249 (generated: 0.4)"


@pytest.mark.volume
def test_the_smoke_test_passes_on_it(finished: tuple[MemoryStore, list[str]]) -> None:
    measurements = list(smoke_test(MemoryAccess("likelihood-inference", finished[0])))
    assert len(measurements) == 6
    assert [each.check for each in measurements if not passed(each)] == []


@pytest.mark.volume
def test_the_smoke_test_fails_on_other_numbers(finished: tuple[MemoryStore, list[str]]) -> None:
    store, found = MemoryStore(), finished[0].outcome()
    found["values"]["correlation of log ratios"] = 0.97
    found["values"]["theta (exact)"] += 0.0025  # a tenth of its error
    store.objects = {**finished[0].objects, "outcome.json": json.dumps(found).encode()}
    failed = [
        each.check
        for each in smoke_test(MemoryAccess("likelihood-inference", store))
        if not passed(each)
    ]
    assert failed == ["theta (exact)", "correlation of log ratios"]
    store.objects["ratios.png"] = b"<html>"
    with pytest.raises(CheckError, match=r"ratios\.png is no PNG"):
        list(smoke_test(MemoryAccess("likelihood-inference", store)))


def test_more_is_asked_of_the_default_than_of_another_sample() -> None:
    default, other = reference.expected(20190622, 200_000), reference.expected(1, 100_000)
    for name in ("theta (exact)", "learnt - exact theta"):
        assert default[name].tolerance < other[name].tolerance


def test_a_storage_that_refuses_leaves_no_outcome(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(analysis, "FEWEST_EVENTS", 10_000)
    monkeypatch.setattr(classifier, "_CALIBRATION_EVENTS", 1000)
    store = MemoryStore(fails_to_put="ratios.png")
    store.objects["outcome.json"] = b"of an earlier run"
    with pytest.raises(AnalysisError, match=r"refused to write ratios\.png"):
        run(environment(TRAINING_EVENTS="10000"), store, silent)
    assert store.objects == {}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"TRAINING_EVENTS": ""}, "TRAINING_EVENTS is not set"),
        ({"TRAINING_EVENTS": "1e5"}, "TRAINING_EVENTS: '1e5' is not a whole number"),
        ({"TRAINING_EVENTS": "10"}, "TRAINING_EVENTS: 10 is not between 100000 and 500000"),
        ({"SEED": "4294967296"}, "SEED: 4294967296 is not between 0 and 4294967295"),
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


@pytest.mark.parametrize("wrong", [{"training_events": 99_999}, {"seed": 2**32}])
def test_a_site_file_is_refused_what_the_analysis_would_refuse(wrong: dict[str, int]) -> None:
    with pytest.raises(ValidationError):
        Settings.model_validate(wrong)


def test_the_job_ends_with_one_message(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("S3_BUCKET", raising=False)
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", "http://127.0.0.1:9")
    with pytest.raises(SystemExit) as ended:
        runpy.run_module(
            "patterns.likelihood_inference.workload.likelihood_inference", run_name="__main__"
        )
    assert ended.value.code == 1
    assert capsys.readouterr().err == (
        "likelihood-inference: error: S3_BUCKET is not set; set it in the pod's environment\n"
    )
