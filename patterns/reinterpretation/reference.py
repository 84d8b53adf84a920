"""What the reinterpretation has to find, computed apart from it.

tests/unit/patterns/reinterpretation/independent.py integrates the signal by quadrature, fits by
Newton's method and writes CLs down from the asymptotic formulae, all without pyhf. A test there
compares it with the numbers below.
"""

from __future__ import annotations

from typing import Final

from sslab.checks.outcome import Expected

DEFAULT = {"seed": 20190622, "events": 80_000, "mass (GeV)": 300, "cross section (fb)": 0.6}

# Of the default seed's histogram. pyhf interpolates systematics by a polynomial, the second
# implementation by an exponential: the limits differ by 2 in 10,000, CLs by 1 in 1000.
OF_THE_DEFAULT: Final = {
    "signal strength limit": Expected(value=0.756504, tolerance=0.0015),
    "expected signal strength limit": Expected(value=0.586759, tolerance=0.0012),
    "CLs": Expected(value=0.00743102, tolerance=0.00007),
    "expected CLs": Expected(value=0.00114308, tolerance=0.00001),
    "selected share": Expected(value=0.7455, tolerance=0),
}

# By mass (GeV), of the integrated signal: the limit on the cross section in fb as observed and as
# expected without a signal, and the share of the collisions that is selected.
INTEGRATED: Final = {
    260: (0.383107, 0.466714, 0.741520),
    300: (0.454950, 0.352673, 0.742859),
    340: (0.231495, 0.276262, 0.743119),
    380: (0.247380, 0.222489, 0.743126),
    420: (0.172751, 0.197004, 0.743126),
    460: (0.213039, 0.217204, 0.742805),
}
FAR_IN_ERRORS: Final = 4.5
"""Another seed's numbers are so many standard errors away once in 150,000 times."""


def expected(parameters: dict[str, float]) -> dict[str, Expected]:
    """Return each number of the outcome that is known, by its name there."""
    observed, without, share = INTEGRATED[int(parameters["mass (GeV)"])]
    # Of the collisions that are generated some share is selected. The limit goes as its inverse;
    # where they fall in the bins scatters too, which at most doubles its error.
    error = ((1 - share) / share / parameters["events"]) ** 0.5
    known = {
        "cross section limit (fb)": Expected(
            value=observed, tolerance=2 * FAR_IN_ERRORS * error * observed
        ),
        "expected cross section limit (fb)": Expected(
            value=without, tolerance=2 * FAR_IN_ERRORS * error * without
        ),
        "selected share": Expected(value=share, tolerance=FAR_IN_ERRORS * error * share),
    }
    is_default = {name: parameters[name] for name in DEFAULT} == DEFAULT
    return {**known, **(OF_THE_DEFAULT if is_default else {})}
