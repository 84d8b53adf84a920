"""The outcome that an analysis left, as a smoke test reads it."""

from __future__ import annotations

import json
from typing import Any, cast

import pytest

from sslab.checks.access import SiteAccess
from sslab.checks.errors import CheckError
from sslab.checks.model import passed
from sslab.checks.outcome import Expected, measured, outcome

GOOD = {"format": 1, "pattern": "my-pattern", "values": {"mu": 1.19, "mu error": 0.07}}


class Bucket:
    """Object storage with one document in it."""

    def __init__(self, document: Any) -> None:
        self._document = document
        self.asked: list[tuple[str, str]] = []

    def stored(self, bucket: str, key: str) -> bytes:
        self.asked.append((bucket, key))
        return json.dumps(self._document).encode()


def read(document: Any) -> dict[str, Any]:
    return outcome(cast(SiteAccess, Bucket(document)), "my-pattern")


def test_the_outcome_is_read_from_the_bucket_of_the_pattern() -> None:
    bucket = Bucket(GOOD)
    assert outcome(cast(SiteAccess, bucket), "my-pattern") == GOOD
    assert bucket.asked == [("my-pattern", "outcome.json")]


@pytest.mark.parametrize("changes", [{"format": 2}, {"pattern": "other"}, {"format": None}])
def test_an_outcome_of_something_else_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(CheckError, match=r"my-pattern/outcome\.json is no outcome of format 1"):
        read({**GOOD, **changes})


@pytest.mark.parametrize("document", [b"<html>", b"[]", b"\xff"])
def test_what_is_no_outcome_at_all_is_refused(document: bytes) -> None:
    bucket = Bucket(None)
    bucket.stored = lambda bucket, key: document  # type: ignore[method-assign]
    with pytest.raises(CheckError, match=r"is no outcome of format 1"):
        outcome(cast(SiteAccess, bucket), "my-pattern")


def test_numbers_are_held_against_those_that_are_known() -> None:
    known = {
        "mu": Expected(value=1.2, tolerance=0.02),
        "mu error": Expected(value=0.0743, tolerance=0.001),
    }
    found = list(measured(GOOD, known))
    assert [(one.check, one.value) for one in found] == [("mu", 1.19), ("mu error", 0.07)]
    assert [(one.expected, one.tolerance) for one in found] == [(1.2, 0.02), (0.0743, 0.001)]
    assert [passed(one) for one in found] == [True, False]


def test_a_number_that_is_missing_is_named_and_not_passed_over() -> None:
    known = {"mu": Expected(value=1.2, tolerance=0.02), "nu": Expected(value=0, tolerance=1)}
    with pytest.raises(CheckError, match="the outcome of my-pattern has no nu; deploy again"):
        list(measured(GOOD, known))


def test_what_the_outcome_expects_of_itself_does_not_count() -> None:
    lenient = {**GOOD, "expected": {"mu": 1.19}, "tolerance": {"mu": 100}}
    (one,) = measured(lenient, {"mu": Expected(value=2.0, tolerance=0.1)})
    assert not passed(one)
