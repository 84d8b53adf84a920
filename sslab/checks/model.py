"""What a smoke test measures and what becomes of it."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Measurement:
    """One number that a pattern's smoke test got, beside the one it has to be."""

    check: str
    value: float
    expected: float
    tolerance: float


@dataclass(frozen=True, kw_only=True)
class Check:
    """One line of the report; `value` is null where the measurement could not be made."""

    pattern: str
    check: str
    value: float | None
    expected: float | None
    tolerance: float | None
    passed: bool
    duration_s: float
    image: str | None
    commit: str
    problem: str | None = None

    def as_json(self) -> dict[str, Any]:
        """Return the documented JSON form; `problem` stands only where there is one."""
        return {key: value for key, value in asdict(self).items() if key != "problem" or value}


def passed(measurement: Measurement) -> bool:
    """Tell whether the value lies within the tolerance; NaN never does."""
    difference = abs(measurement.value - measurement.expected)
    return math.isfinite(difference) and difference <= measurement.tolerance
