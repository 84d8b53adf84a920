"""Records are written, one a pattern with a bucket, and one that cannot be spoils no check."""

from __future__ import annotations

import json
from typing import Any

import pytest

from sslab.checks.access import SiteAccess
from sslab.checks.model import Check
from sslab.results.keeping import keep
from sslab.results.reading import records
from sslab.results.record import read
from tests.unit.results.conftest import BEGAN
from tests.unit.results.storage import SECRETS, ObjectStorage, running

pytestmark = pytest.mark.volume

Laboratory = tuple[ObjectStorage, SiteAccess]
KEY = "results/20261126T010203.000456Z-aaaaaaaa.json"


def check(pattern: str = "z-peak", **changes: Any) -> Check:
    given: dict[str, Any] = {
        "pattern": pattern, "check": "m_Z (GeV)", "value": 91.19, "expected": 91.2,
        "tolerance": 0.1, "passed": True, "duration_s": 0.25, "image": "sha256:0123",
        "commit": "a" * 40,
    }  # fmt: skip
    return Check(**{**given, **changes})


def test_each_pattern_gets_one_record_in_its_own_bucket(laboratory: Laboratory) -> None:
    storage, access = laboratory
    checks = [
        check("fitting-service", check="CLs"),
        check(),
        check(check="chi2", value=9.0, passed=False),
    ]
    assert list(keep(access, checks, BEGAN)) == []
    assert set(storage.objects) == {f"/fitting-service/{KEY}", f"/z-peak/{KEY}"}
    kept = read(storage.objects[f"/z-peak/{KEY}"])
    assert (kept.pattern, kept.site, kept.time) == ("z-peak", "local", BEGAN)
    assert [(one.check, one.value, one.passed) for one in kept.values] == [
        ("m_Z (GeV)", 91.19, True),
        ("chi2", 9.0, False),
    ]
    assert (kept.commit, kept.image, kept.duration_s) == ("a" * 40, "sha256:0123", 0.25)
    assert kept.parameters == kept.metrics == {}


def test_requests_are_signed_with_the_keys_of_that_bucket_and_show_none(
    laboratory: Laboratory,
) -> None:
    storage, access = laboratory
    assert list(keep(access, [check()], BEGAN)) == []
    for _, path, authorization in storage.asked:
        assert path.startswith("/z-peak")
        assert "Credential=access-of-z-peak/" in authorization
        assert SECRETS["s3-z-peak-secret-key"] not in path + authorization
    put = next(each for each in storage.asked if each[0] == "PUT")
    assert "content-type" in put[2].partition("SignedHeaders=")[2].partition(",")[0]


def test_what_the_analysis_was_told_and_cost_comes_from_its_outcome(
    laboratory: Laboratory,
) -> None:
    storage, access = laboratory
    outcome = {
        "format": 1, "pattern": "z-peak", "values": {}, "parameters": {"seed": 7, "shape": "v"},
        "metrics": {"bytes": 12},
    }  # fmt: skip
    storage.objects["/z-peak/outcome.json"] = json.dumps(outcome).encode()
    assert list(keep(access, [check()], BEGAN)) == []
    kept = read(storage.objects[f"/z-peak/{KEY}"])
    assert kept.parameters == {"seed": 7, "shape": "v"}
    assert kept.metrics == {"bytes": 12}


@pytest.mark.parametrize(
    "outcome",
    [
        b"<html>",
        b'{"format": 9}',
        b'{"format": 1, "pattern": "z-peak", "parameters": {"seed": [1]}, "metrics": {}}',
        b'{"format": 1, "pattern": "z-peak", "parameters": 5}',
    ],
)
def test_an_outcome_that_is_none_costs_no_record(laboratory: Laboratory, outcome: bytes) -> None:
    storage, access = laboratory
    storage.objects["/z-peak/outcome.json"] = outcome
    assert list(keep(access, [check()], BEGAN)) == []
    assert read(storage.objects[f"/z-peak/{KEY}"]).parameters == {}


def test_a_test_without_an_answer_is_kept_as_well(laboratory: Laboratory) -> None:
    storage, access = laboratory
    failed = check(
        check="answers", value=None, expected=None, tolerance=None, passed=False, problem="no pod"
    )
    strange = check("fitting-service", value=float("nan"), passed=False)
    assert list(keep(access, [strange, failed], BEGAN)) == []
    kept = read(storage.objects[f"/z-peak/{KEY}"])
    assert kept.problem == "no pod"
    assert not kept.passed
    assert read(storage.objects[f"/fitting-service/{KEY}"]).values[0].value is None


@pytest.mark.parametrize("status", [403, 500, 503, 404])
def test_a_bucket_that_cannot_be_written_is_told_and_no_more(
    laboratory: Laboratory, status: int
) -> None:
    storage, access = laboratory
    storage.refuses["PUT"] = status
    (line,) = keep(access, [check()], BEGAN)
    assert line.startswith("z-peak: the record of this run was not kept: http://s3.ssl.localhost:")
    assert f"{KEY} answered {status}" in line
    assert storage.objects == {}


def test_one_pattern_that_cannot_be_kept_hinders_no_other(laboratory: Laboratory) -> None:
    storage, access = laboratory
    keys = {key: each for key, each in SECRETS.items() if "fitting" not in key}
    lines = list(keep(SiteAccess(access.site, keys), [check("fitting-service"), check()], BEGAN))
    assert lines == [
        "fitting-service: the record of this run was not kept: the stack of local has no "
        "s3-fitting-service-access-key and no s3-fitting-service-secret-key; "
        "`sslab secrets list local` shows what there is"
    ]
    assert set(storage.objects) == {f"/z-peak/{KEY}"}


def test_storage_that_is_down_is_told() -> None:
    with running() as (_, access):
        pass
    (line,) = keep(access, [check()], BEGAN)
    assert "z-peak: the record of this run was not kept: http://s3.ssl.localhost" in line
    assert "does not answer" in line


def test_what_has_no_bucket_has_no_record(laboratory: Laboratory) -> None:
    storage, access = laboratory
    assert list(keep(access, [check("monitoring"), check("notebooks")], BEGAN)) == []
    assert storage.asked == []


def test_two_runs_of_the_same_moment_and_revision_are_one_and_others_are_not(
    laboratory: Laboratory,
) -> None:
    storage, access = laboratory
    for _ in range(2):
        assert list(keep(access, [check()], BEGAN)) == []
    assert list(keep(access, [check(commit="b" * 40)], BEGAN)) == []
    assert len(storage.objects) == 2
    assert [one.commit[0] for one in records(access, ["z-peak"], 9).records] == ["a", "b"]
