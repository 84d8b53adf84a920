"""The whole analysis on a bucket in memory: what it stores, and what becomes of bad settings."""

from __future__ import annotations

import json
import re
import runpy

import pyhf
import pytest
from pydantic import ValidationError
from ssl_analysis.errors import AnalysisError
from ssl_analysis.settings import Environment

from patterns.template_fit import reference
from patterns.template_fit.settings import Settings
from patterns.template_fit.smoke_test import run as smoke_test
from patterns.template_fit.workload.template_fit.scan import run, scan_numbers
from sslab.checks.errors import CheckError
from sslab.checks.model import passed
from tests.unit.patterns.memory_store import MemoryAccess, MemoryStore, silent

pytestmark = pytest.mark.volume


def environment(**changes: str) -> Environment:
    return Environment({"SEED": "20190622", "SCAN": "0,6", **changes})


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
        *(("put", key) for key in ("scan.png", "workspace.json", "outcome.json")),
    ]
    assert store.objects["scan.png"].startswith(b"\x89PNG\r\n\x1a\n")
    assert re.fullmatch(r"Asimov closure: mu = 1\.\d{4} \+- 0\.\d{4}, mu_W = .*", lines[0])
    assert len(lines) == 5


def test_the_smoke_test_passes_on_it(finished: tuple[MemoryStore, list[str]]) -> None:
    measurements = list(smoke_test(MemoryAccess("template-fit", finished[0])))
    assert len(measurements) == 10
    assert [each.check for each in measurements if not passed(each)] == []


def test_the_smoke_test_fails_on_other_numbers(finished: tuple[MemoryStore, list[str]]) -> None:
    store, found = MemoryStore(), finished[0].outcome()
    found["values"]["mu (Asimov)"] += 0.0092  # a tenth of its error
    store.objects = {**finished[0].objects, "outcome.json": json.dumps(found).encode()}
    assert [
        each.check for each in smoke_test(MemoryAccess("template-fit", store)) if not passed(each)
    ] == ["mu (Asimov)"]
    store.objects["scan.png"] = b"<html>"
    with pytest.raises(CheckError, match=r"scan\.png is no PNG"):
        list(smoke_test(MemoryAccess("template-fit", store)))


def test_the_metrics_are_the_time_of_each_fit(finished: tuple[MemoryStore, list[str]]) -> None:
    outcome = finished[0].outcome()
    assert set(outcome["metrics"]) == {
        "fit with 0 systematics (s)",
        "fit with 6 systematics (s)",
    }
    assert set(outcome["versions"]) == {"python", "pyhf", "iminuit", "numpy", "scipy"}


def test_the_stored_workspace_is_fitted_to_what_was_injected(
    finished: tuple[MemoryStore, list[str]],
) -> None:
    workspace = pyhf.Workspace(json.loads(finished[0].objects["workspace.json"]))
    model = workspace.model()
    found = pyhf.infer.mle.fit(workspace.data(model), model)
    # SciPy's SLSQP, pyhf's other minimiser, stops a hundredth of an error away
    assert found[model.config.par_slice("mu").start] == pytest.approx(reference.MU, abs=2e-3)


def test_a_storage_that_refuses_leaves_no_outcome() -> None:
    store = MemoryStore(fails_to_put="scan.png")
    store.objects["outcome.json"] = b"of an earlier run"
    with pytest.raises(AnalysisError, match=r"refused to write scan\.png"):
        run(environment(SCAN="0"), store, silent)
    assert store.objects == {}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"SCAN": ""}, "SCAN is not set"),
        ({"SCAN": "0,six"}, "SCAN: '0,six' are no rising whole numbers such as 0,6,12"),
        ({"SCAN": "6,0"}, "SCAN: '6,0' are no rising whole numbers"),
        ({"SCAN": "0,65"}, "SCAN: '0,65': each number has to be between 0 and 64"),
        ({"SCAN": "-1,6"}, "SCAN: '-1,6': each number has to be between 0 and 64"),
        ({"SEED": "lucky"}, "SEED: 'lucky' is not a whole number"),
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


def test_the_numbers_of_the_scan_are_read() -> None:
    assert scan_numbers(environment(SCAN="0, 6,12")) == (0, 6, 12)


@pytest.mark.parametrize("scan", [(6, 0), (6, 6), (65,), (-1,), ()])
def test_a_site_file_is_refused_what_the_analysis_would_refuse(scan: tuple[int, ...]) -> None:
    with pytest.raises(ValidationError):
        Settings(scan=scan)


def test_another_seed_is_expected_near_what_was_injected() -> None:
    known = reference.expected(1, (0, 7))
    assert known["mu (pseudo-experiment)"].value == reference.MU
    assert known["mu (pseudo-experiment)"].tolerance == pytest.approx(0.413, abs=1e-3)
    assert "mu with 7 systematics" in known
    assert "mu error with 7 systematics" not in known  # not one of those that are tabulated


def test_the_job_ends_with_one_message(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("S3_BUCKET", "AWS_ENDPOINT_URL_S3"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", "http://127.0.0.1:9")
    with pytest.raises(SystemExit) as ended:
        runpy.run_module("patterns.template_fit.workload.template_fit", run_name="__main__")
    assert ended.value.code == 1
    assert capsys.readouterr().err == (
        "template-fit: error: S3_BUCKET is not set; set it in the pod's environment\n"
    )
