"""Kubernetes quantities as exact numbers.

The grammar is the one of
https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/ without signs.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from fractions import Fraction
from functools import lru_cache

_GRAMMAR = re.compile(
    r"(?P<number>[0-9]{1,30}(?:\.[0-9]{0,30})?)(?:(?P<suffix>[KMGTPE]i|[numkMGTPE])|[eE](?P<power>[+-]?[0-9]{1,2}))?"
)
_BINARY = {f"{letter}i": Fraction(1024) ** power for power, letter in enumerate("KMGTPE", start=1)}
_SUFFIXES = {
    "n": Fraction(1, 10**9),
    "u": Fraction(1, 10**6),
    "m": Fraction(1, 1000),
    **{letter: Fraction(1000) ** power for power, letter in enumerate("kMGTPE", start=1)},
    **_BINARY,
}


@lru_cache(maxsize=1024)  # many sites ask for the same few
def parse_quantity(text: str) -> Fraction:
    """Return the number that a quantity stands for: cores, bytes or a count.

    Raises ValueError where the text is no quantity.
    """
    match = _GRAMMAR.fullmatch(text)
    if match is None:
        raise ValueError(f'"{text}" is not a quantity; write it as in "500m" or "6Gi"')
    number = Fraction(match["number"])
    if match["power"]:
        return number * Fraction(10) ** int(match["power"])
    return number * _SUFFIXES.get(match["suffix"], Fraction(1))


def total(quantities: Iterable[str]) -> Fraction:
    """Return the sum of quantities."""
    return sum((parse_quantity(each) for each in quantities), Fraction(0))


def cores_text(cores: Fraction) -> str:
    """Return CPU cores as a quantity, rounded up to a thousandth: `4`, `1500m`."""
    thousandths = -(-cores * 1000 // 1)
    return str(thousandths // 1000) if thousandths % 1000 == 0 else f"{thousandths}m"


def bytes_text(size: Fraction) -> str:
    """Return bytes as a quantity in the largest binary unit that is exact, rounded up to a byte."""
    whole = -(-size // 1)
    for suffix, factor in reversed(_BINARY.items()):
        if whole and whole % factor == 0:
            return f"{whole // factor}{suffix}"
    return str(whole)
