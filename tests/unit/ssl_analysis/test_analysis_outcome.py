"""The outcome document: what is in it, and that none is left of a run that failed."""

from __future__ import annotations

import json
from importlib.metadata import version
from typing import Any

import pytest
from ssl_analysis import outcome
from ssl_analysis.errors import AnalysisError
from ssl_analysis.outcome import KEY, Outcome, publish, withdraw

from sslab.checks.outcome import FORMAT as READ_FORMAT
from sslab.checks.outcome import KEY as READ_KEY
from tests.unit.ssl_analysis.conftest import MemoryStore


def found(**changes: Any) -> Outcome:
    given: dict[str, Any] = {
        "pattern": "my-pattern",
        "values": {"m (GeV)": 91.1},
        "parameters": {"seed": 7, "shape": "voigt"},
        "metrics": {"duration (s)": 0.5},
        "files": {"plot": "results/plot.png"},
        "libraries": ["numpy"],
    }
    return Outcome(**{**given, **changes})


def test_the_document_has_all_that_was_found_and_with_which_libraries() -> None:
    body = json.loads(found().document())
    versions = body.pop("versions")
    assert versions["numpy"] == version("numpy")
    assert set(versions) == {"python", "numpy"}
    assert body == {
        "format": 1,
        "pattern": "my-pattern",
        "values": {"m (GeV)": 91.1},
        "parameters": {"seed": 7, "shape": "voigt"},
        "metrics": {"duration (s)": 0.5},
        "files": {"plot": "results/plot.png"},
    }


def test_the_same_outcome_is_the_same_document() -> None:
    turned = found(parameters={"shape": "voigt", "seed": 7})
    assert turned.document() == found().document()


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf")])
@pytest.mark.parametrize("field", ["values", "metrics", "parameters"])
def test_what_is_not_finite_is_no_result(field: str, value: float) -> None:
    with pytest.raises(AnalysisError, match=f"^x came out as {value}: no result is stored"):
        found(**{field: {"x": value}}).document()


def test_a_value_is_judged_though_a_metric_is_called_like_it() -> None:
    with pytest.raises(AnalysisError, match="x came out as nan"):
        found(values={"x": float("nan")}, metrics={"x": 1.0}).document()


def test_a_library_that_is_not_there_is_named() -> None:
    with pytest.raises(AnalysisError, match="the package no-such-thing is not installed"):
        found(libraries=["no-such-thing"]).document()


def test_an_outcome_that_cannot_be_written_leaves_none(memory: MemoryStore) -> None:
    publish(memory, found())
    assert memory.types[KEY] == "application/json"
    withdraw(memory)
    with pytest.raises(AnalysisError):
        publish(memory, found(values={"x": float("nan")}))
    assert memory.objects == {}
    assert memory.events == [("put", KEY), ("delete", KEY)]


def test_the_smoke_tests_read_what_is_written_here() -> None:
    assert (READ_KEY, READ_FORMAT) == (KEY, outcome.FORMAT)
