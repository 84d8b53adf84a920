"""What the template fit has to find, computed apart from it.

The rates of the closure are those that the data were made with. Their errors follow in closed form
from the Fisher information, and the rates of the pseudo-experiment from a minimisation by SciPy of
a likelihood written without pyhf: tests/unit/patterns/template_fit/independent.py computes both,
and a test there compares them with the numbers below.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from sslab.checks.outcome import Expected

MU: Final = 1.2
MU_W: Final = 0.9
"""The rates that the data are made with, as multiples of what the model expects."""

ERRORS: Final = {
    0: (0.051780, 0.026819),
    6: (0.091846, 0.045144),
    12: (0.094646, 0.045510),
    24: (0.097725, 0.046373),
    48: (0.104028, 0.047941),
}
"""The errors of mu and mu_W on Asimov data, by the number of systematics."""

SEED: Final = 20190622
EXPERIMENT: Final = {"mu": 1.19950, "mu_W": 0.93707}
"""The fitted rates of the pseudo-experiment of this seed."""

# Minuit stops within a few thousandths of an error of the minimum, which is 0.05 to 0.1.
CLOSE: Final = 1e-3
# The fit's errors come from second derivatives by finite differences: good to some thousandths.
ERROR_SHARE: Final = 0.01
# A pseudo-experiment of another seed is 4.5 errors away once in 150,000 times.
MOST_ERRORS: Final = 4.5


def expected(seed: int, scan: Iterable[int]) -> dict[str, Expected]:
    """Return each number of the outcome that is known, by its name there."""
    mu_error, mu_w_error = ERRORS[6]
    known = {
        "mu (Asimov)": Expected(value=MU, tolerance=CLOSE),
        "mu error (Asimov)": _error(mu_error),
        "mu_W (Asimov)": Expected(value=MU_W, tolerance=CLOSE),
        "mu_W error (Asimov)": _error(mu_w_error),
    }
    if seed == SEED:
        for name, value in EXPERIMENT.items():
            known[f"{name} (pseudo-experiment)"] = Expected(value=value, tolerance=CLOSE)
    else:
        for name, value, error in (("mu", MU, mu_error), ("mu_W", MU_W, mu_w_error)):
            known[f"{name} (pseudo-experiment)"] = Expected(
                value=value, tolerance=MOST_ERRORS * error
            )
    for number in scan:
        known[f"mu with {number} systematics"] = Expected(value=MU, tolerance=CLOSE)
        if number in ERRORS:
            known[f"mu error with {number} systematics"] = _error(ERRORS[number][0])
    return known


def _error(value: float) -> Expected:
    return Expected(value=value, tolerance=ERROR_SHARE * value)
