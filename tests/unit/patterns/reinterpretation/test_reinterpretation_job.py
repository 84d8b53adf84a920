"""The whole workflow, run by yadage itself from the image's lock, and what becomes of failures."""

from __future__ import annotations

import json
import os
import shutil
import sys
import threading
from collections.abc import Iterator
from http.server import ThreadingHTTPServer
from pathlib import Path

import pytest
from pydantic import ValidationError
from ssl_analysis.errors import AnalysisError
from ssl_analysis.settings import Environment

from patterns.reinterpretation.settings import Settings
from patterns.reinterpretation.smoke_test import run as smoke_test
from patterns.reinterpretation.workload.reinterpretation.workflow import run
from sslab.checks.errors import CheckError
from sslab.checks.model import passed
from tests.locked import environment
from tests.unit.patterns.memory_store import MemoryAccess, MemoryStore, silent
from tests.unit.results.storage import ObjectStorage, handler

ROOT = Path(__file__).parents[4]
WORKLOAD = ROOT / "patterns/reinterpretation/workload"
GIVEN = {
    "SEED": "20190622",
    "EVENTS": "80000",
    "MASS_GEV": "300",
    "CROSS_SECTION_FB": "0.6",
    "VERSION": "0123",
    "YADAGE_RUN": "yadage-run",
}


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Install yadage as the image does, in an environment of its own."""
    lock = ROOT / "images/analysis/engine/requirements.lock"
    return str(environment(tmp_path_factory.mktemp("engine"), lock) / "yadage-run")


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> Iterator[ObjectStorage]:
    """The object storage that the steps see, and an environment like that in a pod."""
    storage = ObjectStorage(page=100)
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler(storage))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    for name, value in {
        "AWS_ENDPOINT_URL_S3": f"http://127.0.0.1:{server.server_address[1]}",
        "AWS_ACCESS_KEY_ID": "key",
        "AWS_SECRET_ACCESS_KEY": "secret",
        "AWS_DEFAULT_REGION": "us-east-1",
        "S3_BUCKET": "reinterpretation",
        "VERSION": GIVEN["VERSION"],
        "PYTHONPATH": f"{ROOT / 'images/analysis'}:{WORKLOAD}",
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "OMP_NUM_THREADS": "1",
    }.items():
        monkeypatch.setenv(name, value)
    yield storage
    server.shutdown()
    server.server_close()


@pytest.mark.volume
def test_yadage_takes_the_steps_and_goes_on_from_those_that_are_done(
    engine: str, bucket: ObjectStorage
) -> None:
    store, lines = MemoryStore(), list[str]()
    store.objects["outcome.json"] = b"of an earlier run"
    run(Environment({**GIVEN, "YADAGE_RUN": engine}), store, lines.append)
    assert [call for call in store.calls if call[0] == "put"] == [
        ("put", "patch.json"),
        ("put", "limit.json"),
        ("put", "outcome.json"),
    ]
    assert store.calls[0] == ("delete", "outcome.json")
    chunked = [
        f"step {name} {chunk}: done" for name in ("generate", "select") for chunk in range(4)
    ]
    assert sorted(lines[:8]) == sorted(chunked)
    assert lines[8:10] == ["step patch: done", "step limit: done"]
    measurements = list(smoke_test(MemoryAccess("reinterpretation", store)))
    assert len(measurements) == 7
    assert [each.check for each in measurements if not passed(each)] == []

    # a pod that was killed: two steps' outputs had not been stored
    first = store.outcome()
    assert len(bucket.objects) == 10
    for key in [each for each in bucket.objects if "/limit-" in each or "/patch-" in each]:
        del bucket.objects[key]
    lines.clear()
    run(Environment({**GIVEN, "YADAGE_RUN": engine}), store, lines.append)
    assert len([each for each in lines if each.endswith("was done before")]) == 8
    assert lines[8:10] == ["step patch: done", "step limit: done"]
    assert store.outcome()["values"] == first["values"]
    assert store.outcome()["metrics"]["steps of an earlier attempt"] == 8
    assert len(bucket.objects) == 10

    # a number that is off, and a patch that is none
    wrong = store.outcome()
    wrong["values"]["CLs"] *= 1.02
    store.objects["outcome.json"] = json.dumps(wrong).encode()
    access = MemoryAccess("reinterpretation", store)
    assert [each.check for each in smoke_test(access) if not passed(each)] == ["CLs"]
    store.objects["patch.json"] = b"[]"
    with pytest.raises(CheckError, match=r"patch\.json is no patch"):
        list(smoke_test(access))


@pytest.mark.volume
def test_a_step_that_fails_is_named_and_no_outcome_is_left(
    engine: str, bucket: ObjectStorage
) -> None:
    bucket.refuses["PUT"] = 403
    store = MemoryStore()
    store.objects["outcome.json"] = b"of an earlier run"
    with pytest.raises(AnalysisError, match=r"^the step generate: the object storage refused to w"):
        run(Environment({**GIVEN, "YADAGE_RUN": engine}), store, silent)
    assert store.objects == {}


def test_an_engine_that_fails_is_quoted() -> None:
    with pytest.raises(AnalysisError, match=r"^yadage ended with 1: "):
        run(
            Environment({**GIVEN, "YADAGE_RUN": shutil.which("false") or ""}), MemoryStore(), silent
        )


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"MASS_GEV": "heavy"}, "MASS_GEV: 'heavy' is not a number"),
        ({"EVENTS": "3"}, "EVENTS: 3 is not between 1000 and 1000000"),
        ({"YADAGE_RUN": ""}, "YADAGE_RUN is not set"),
        ({"VERSION": ""}, "VERSION is not set"),
    ],
)
def test_a_wrong_setting_is_named_and_nothing_changes(
    changes: dict[str, str], message: str
) -> None:
    store = MemoryStore()
    store.objects["outcome.json"] = b"of an earlier run"
    with pytest.raises(AnalysisError, match=message):
        run(Environment({**GIVEN, **changes}), store, silent)
    assert store.calls == []


@pytest.mark.parametrize("settings", [{"mass_gev": 301}, {"events": 20_001}, {"seed": -1}])
def test_a_site_file_is_refused_what_has_no_known_limit(settings: dict[str, int]) -> None:
    with pytest.raises(ValidationError):
        Settings.model_validate(settings)
