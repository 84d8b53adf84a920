"""What the comparison has to find, computed apart from it.

The numbers are those of endlessly many events: integrals over the model, by closed forms and SciPy.
tests/unit/patterns/ci_evolution/independent.py computes them, and a test there compares them with
the ones below. With n events each scatters by its error of one event over the square root of n.
"""

from __future__ import annotations

import math
from typing import Final, NamedTuple

from sslab.checks.outcome import Expected


class Known(NamedTuple):
    """A number of endlessly many events, and its standard error from one event, in GeV."""

    value: float
    error: float


NUMBERS: Final = {
    "mass, revision 1 (GeV)": Known(90.578379, 4.06364),
    "mass, revision 2 (GeV)": Known(91.146605, 5.05298),
    "difference (GeV)": Known(0.568226, 2.76366),
    "step energy loss (GeV)": Known(0.560837, 0.94911),
    # with the momenta corrected the mass no longer depends on them: a threshold moves nothing
    "step threshold (GeV)": Known(0.0, 2.55292),
    "step background (GeV)": Known(0.007389, 0.26210),
    "alone energy loss (GeV)": Known(0.560837, 0.94911),
    "alone threshold (GeV)": Known(0.083762, 2.55335),
    "alone background (GeV)": Known(-0.022217, 0.26692),
}
CORRELATION: Final = 0.83785

# Chance goes further than 4.5 standard errors once in 150,000 times, for each of the numbers.
MOST_ERRORS: Final = 4.5
REPLICAS: Final = 400
"""Bootstrap samples: their own error is 1 / sqrt(2 * 400) of the error that they tell."""


def expected(events: int) -> dict[str, Expected]:
    """Return each number of the outcome that is known for so many events, by its name there."""
    root = math.sqrt(events)
    known = {
        name: Expected(value=value, tolerance=MOST_ERRORS * error / root)
        for name, (value, error) in NUMBERS.items()
    }
    first, second, difference = (each.error / root for each in list(NUMBERS.values())[:3])
    known["difference error (GeV)"] = _bootstrapped(difference)
    known["error if independent (GeV)"] = _bootstrapped(math.hypot(first, second))
    known["correlation"] = Expected(
        value=CORRELATION, tolerance=MOST_ERRORS * (1 - CORRELATION**2) / math.sqrt(REPLICAS)
    )
    # a sum of differences in another order of the same additions
    known["steps minus difference (GeV)"] = Expected(value=0.0, tolerance=1e-9)
    return known


def _bootstrapped(error: float) -> Expected:
    return Expected(value=error, tolerance=MOST_ERRORS * error / math.sqrt(2 * REPLICAS))
