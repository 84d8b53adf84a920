from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sslab.catalogue.quantity import bytes_text, cores_text, parse_quantity, total


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("4", 4),
        ("500m", Fraction(1, 2)),
        ("0.1", Fraction(1, 10)),
        ("1.5Gi", 3 * 2**29),
        ("1Ki", 1024),
        ("1k", 1000),
        ("6G", 6 * 10**9),
        ("2Ei", 2**61),
        ("1E", 10**18),
        ("1e3", 1000),
        ("12E-1", Fraction(6, 5)),
        ("100n", Fraction(1, 10**7)),
        ("250u", Fraction(1, 4000)),
        ("5.", 5),
    ],
)
def test_the_number_is_exact(text: str, number: Fraction) -> None:
    assert parse_quantity(text) == number


@pytest.mark.parametrize(
    "text",
    ["", "Gi", "1 Gi", "-1", "1GB", "1K", "1ki", "1e", "1e1000", "\u0661", "9" * 1000, "1\n"],
)
def test_what_is_no_quantity(text: str) -> None:
    with pytest.raises(ValueError, match="is not a quantity"):
        parse_quantity(text)


def test_sums_have_no_rounding() -> None:
    assert total(["0.1"] * 10) == 1
    assert total(["100m", "1Gi", "1"]) == 2**30 + Fraction(11, 10)
    assert total([]) == 0


@given(st.integers(min_value=0, max_value=2**62))
def test_bytes_are_written_exactly(size: int) -> None:
    assert parse_quantity(bytes_text(Fraction(size))) == size


@given(st.integers(min_value=0, max_value=10**9))
def test_cores_are_written_exactly_to_a_thousandth(thousandths: int) -> None:
    assert parse_quantity(cores_text(Fraction(thousandths, 1000))) == Fraction(thousandths, 1000)


def test_texts_are_short_and_round_up() -> None:
    assert bytes_text(Fraction(7 * 2**30)) == "7Gi"
    assert bytes_text(Fraction(3 * 2**29)) == "1536Mi"
    assert bytes_text(Fraction(1, 3)) == "1"
    assert bytes_text(Fraction(0)) == "0"
    assert cores_text(Fraction(4)) == "4"
    assert cores_text(Fraction(1, 3)) == "334m"
