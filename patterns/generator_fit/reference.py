"""What the generator fit has to find, computed apart from it.

GENERATED are the values that the decays are made with. Their fit fractions and all ERRORS follow
from integrals and the Fisher information, and DEFAULT_FIT from a minimisation by SciPy, all of an
amplitude model that is written a second time: tests/unit/patterns/generator_fit/independent.py
computes them, and a test there compares them with the numbers below.
"""

from __future__ import annotations

from typing import Final

from sslab.checks.outcome import Expected

SEED: Final = 20190622
EVENTS: Final = 20_000

GENERATED: Final = {
    "rho / K* amplitude": 0.7,
    "rho phase (rad)": 2.0,
    "nonresonant / K* amplitude": 0.4,
    "nonresonant phase (rad)": -1.0,
    "fit fraction of kstar": 0.62579,
    "fit fraction of rho": 0.30664,
    "fit fraction of nonresonant": 0.10013,
}
DEFAULT_FIT: Final = {
    "rho / K* amplitude": 0.70520,
    "rho phase (rad)": 1.98268,
    "nonresonant / K* amplitude": 0.39348,
    "nonresonant phase (rad)": -1.02203,
    "fit fraction of kstar": 0.62634,
    "fit fraction of rho": 0.31148,
    "fit fraction of nonresonant": 0.09697,
}
"""What is fitted to the decays of the default seed and number."""

ERRORS: Final = {
    "rho / K* amplitude": 0.00596,
    "rho phase (rad)": 0.01874,
    "nonresonant / K* amplitude": 0.00618,
    "nonresonant phase (rad)": 0.01979,
    "fit fraction of kstar": 0.00418,
    "fit fraction of rho": 0.00377,
    "fit fraction of nonresonant": 0.00271,
}
"""The errors that the default number of decays gives, at the generated values."""

# Of the default sample: where the two minimisers stop differs by some thousandths of an error.
CLOSE_IN_ERRORS: Final = 0.05
# Of another sample: 4.5 errors away is one once in 150,000 times.
FAR_IN_ERRORS: Final = 4.5
# An error is read off the curvature at the fitted values, and scatters with these by some percent.
ERROR_SHARE: Final = 0.15
# 99.99 % of chi2/ndf are within this for 100 degrees of freedom; the default sample has 186.
CHI2_PER_NDF: Final = Expected(value=1.0, tolerance=0.65)


def expected(seed: int, events: int) -> dict[str, Expected]:
    """Return each number of the outcome that is known, by its name there."""
    default = (seed, events) == (SEED, EVENTS)
    values = DEFAULT_FIT if default else GENERATED
    reach = CLOSE_IN_ERRORS if default else FAR_IN_ERRORS
    known = {"chi2/ndf": CHI2_PER_NDF}
    for name, value in values.items():
        error = ERRORS[name] * (EVENTS / events) ** 0.5
        known[name] = Expected(value=value, tolerance=reach * error)
        known[f"{name}, error"] = Expected(value=error, tolerance=ERROR_SHARE * error)
    return known
