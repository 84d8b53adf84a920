"""What likelihood inference has to find, computed apart from it.

The exact answers follow from the generator's density, written a second time, by SciPy's quadrature
and minimiser: tests/unit/patterns/likelihood_inference/independent.py computes them, and a test
there compares them with the numbers below. What a network learns has no closed form; that it has
learnt the exact ratio is what is asked of it.
"""

from __future__ import annotations

from typing import Final

from sslab.checks.outcome import Expected

SEED: Final = 20190622
TRAINING_EVENTS: Final = 200_000
OBSERVED_EVENTS: Final = 1000

THETA: Final = 0.4
"""With which the observed collisions are generated."""
ERROR: Final = 0.024999
"""The error of theta that so many collisions give: the Fisher information, by quadrature."""
DEFAULT_THETA: Final = 0.377105
"""The most likely theta of the default seed's collisions: the exact likelihood, by SciPy."""

# Where two minimisers stop differs by some thousandths of an error.
CLOSE_IN_ERRORS: Final = 0.02
# Another seed's collisions are 4.5 errors away once in 150,000 times.
FAR_IN_ERRORS: Final = 4.5
# An error is read off the curvature of 1000 collisions, and scatters by some percent.
EXACT_ERROR_SHARE: Final = 0.10
LEARNT_ERROR_SHARE: Final = 0.25
# A network's ratio is wrong by some percent, differently for each seed and processor. With the
# default number of collisions that moves theta by some tenths of an error, with half of it by one.
LEARNT_IN_ERRORS: Final = 1.0
LEARNT_IN_ERRORS_OTHERWISE: Final = 2.0
CORRELATION: Final = Expected(value=1.0, tolerance=0.02)
MEAN_RATIO: Final = Expected(value=1.0, tolerance=0.1)


def expected(seed: int, training_events: int) -> dict[str, Expected]:
    """Return each number of the outcome that is known, by its name there."""
    default = (seed, training_events) == (SEED, TRAINING_EVENTS)
    learnt = LEARNT_IN_ERRORS if default else LEARNT_IN_ERRORS_OTHERWISE
    exact = (
        Expected(value=DEFAULT_THETA, tolerance=CLOSE_IN_ERRORS * ERROR)
        if seed == SEED
        else Expected(value=THETA, tolerance=FAR_IN_ERRORS * ERROR)
    )
    return {
        "theta (exact)": exact,
        "theta error (exact)": Expected(value=ERROR, tolerance=EXACT_ERROR_SHARE * ERROR),
        "learnt - exact theta": Expected(value=0.0, tolerance=learnt * ERROR),
        "theta error (learnt)": Expected(value=ERROR, tolerance=LEARNT_ERROR_SHARE * ERROR),
        "correlation of log ratios": CORRELATION,
        "mean ratio before calibration": MEAN_RATIO,
    }
