"""What an analysis is told in its environment, and what it says of what it cannot use."""

from __future__ import annotations

import pytest
from ssl_analysis.errors import AnalysisError
from ssl_analysis.settings import STORAGE as NEEDED
from ssl_analysis.settings import Environment

from tests.unit.ssl_analysis.conftest import SECRET, STORAGE


def test_each_form_is_read() -> None:
    given = Environment({"NAME": "toy", "SEED": "-7", "MASS": "9.1e1"})
    assert given.text("NAME") == "toy"
    assert given.integer("SEED", -10, 10) == -7
    assert given.number("MASS", 0, 100) == 91.0


@pytest.mark.parametrize("edge", ["1", "5"])
def test_both_limits_are_allowed(edge: str) -> None:
    given = Environment({"N": edge})
    assert given.integer("N", 1, 5) == given.number("N", 1, 5) == int(edge)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "N is not set; set it in the pod's environment"),
        ("lucky", "N: 'lucky' is not a whole number"),
        ("1e5", "N: '1e5' is not a whole number"),
        ("1.0", "N: '1.0' is not a whole number"),
        ("0", "N: 0 is not between 1 and 5"),
        ("6", "N: 6 is not between 1 and 5"),
    ],
)
def test_a_wrong_whole_number_is_named(text: str, message: str) -> None:
    with pytest.raises(AnalysisError) as caught:
        Environment({"N": text}).integer("N", 1, 5)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "X is not set; set it in the pod's environment"),
        ("half", "X: 'half' is not a number"),
        ("0.4999", "X: 0.4999 is not between 0.5 and 5"),
        ("nan", "X: nan is not between 0.5 and 5"),
        ("inf", "X: inf is not between 0.5 and 5"),
    ],
)
def test_a_wrong_number_is_named(text: str, message: str) -> None:
    with pytest.raises(AnalysisError) as caught:
        Environment({"X": text}).number("X", 0.5, 5)
    assert str(caught.value) == message


def test_infinity_is_no_number_whatever_the_limits() -> None:
    with pytest.raises(AnalysisError, match="X: inf is not between"):
        Environment({"X": "inf"}).number("X", 0, float("inf"))


@pytest.mark.parametrize("name", NEEDED)
def test_storage_that_is_not_described_is_named_before_amazon_is_asked(name: str) -> None:
    with pytest.raises(AnalysisError, match=f"^{name} is not set") as caught:
        Environment({**STORAGE, name: ""}).bucket()
    assert SECRET not in str(caught.value)
    assert Environment(STORAGE).bucket() == "my-pattern"
