"""What a plain YAML scalar stands for.

The values are those of the core schema of YAML 1.2 (https://yaml.org/spec/1.2.2/#103-core-schema),
except that a number is decimal and has no leading zero: `0o17`, `0x1F` and `017`, which readers of
YAML disagree about, stay text, and so do `yes`, `no`, `on` and `off`.
"""

from __future__ import annotations

import re

Scalar = str | int | float | bool | None

_WORDS: dict[str, bool | None] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_WHOLE = re.compile(r"[-+]?(?:0|[1-9][0-9]*)")
_DECIMAL = re.compile(r"[-+]?(?:\.[0-9]+|(?:0|[1-9][0-9]*)(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_NOT_FINITE = re.compile(r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)")
_MOST_DIGITS = 40


class ScalarError(ValueError):
    """The scalar is a number that no field can hold; the message says why."""


def resolve(text: str) -> Scalar:
    """Return the value of a scalar that is written without quotes. Raises ScalarError."""
    if text in _WORDS:
        return _WORDS[text]
    if _NOT_FINITE.fullmatch(text):
        raise ScalarError("is not a finite number")
    if not _DECIMAL.fullmatch(text):
        return text
    if len(text) > _MOST_DIGITS:
        raise ScalarError(f"is a number of more than {_MOST_DIGITS} characters")
    if _WHOLE.fullmatch(text):
        return int(text)
    number = float(text)
    if number in (float("inf"), float("-inf")):
        raise ScalarError("is a number too large for any field")
    return number
