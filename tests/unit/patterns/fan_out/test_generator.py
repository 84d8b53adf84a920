"""The generator against the closed forms of what it draws from."""

from __future__ import annotations

from math import exp, sqrt

import numpy as np
import pytest
from scipy.stats import norm

from patterns.fan_out.workload.fan_out.generate import generate, parent_masses
from patterns.fan_out.workload.fan_out.kinematics import masses

pytestmark = pytest.mark.volume

EVENTS = 50_000


def test_the_leptons_have_the_mass_that_was_drawn() -> None:
    drawn = parent_masses(np.random.default_rng([7, 3]), EVENTS)
    # single precision of momenta up to hundreds of GeV
    assert masses(generate(7, 3, EVENTS)) == pytest.approx(drawn, rel=1e-5)


def test_as_many_masses_are_near_the_higgs_as_its_formula_says() -> None:
    def background(low: float, high: float) -> float:
        return (exp(-low / 60) - exp(-high / 60)) / (exp(-75 / 60) - exp(-180 / 60))

    share = 0.2 * (norm.cdf(130, 125.2, 1.5) - norm.cdf(118, 125.2, 1.5))
    share += 0.8 * background(118, 130)
    found = masses(generate(11, 0, EVENTS))
    near = int(((found > 118) & (found < 130)).sum())
    # five standard deviations of a binomial number
    assert abs(near - share * EVENTS) < 5 * sqrt(EVENTS * share * (1 - share))


def test_one_event_in_twenty_has_a_wrong_charge() -> None:
    total = generate(5, 0, EVENTS).charge.astype(int).sum(axis=1)
    assert set(total) == {0, -2}
    assert abs(int((total != 0).sum()) - EVENTS / 20) < 5 * sqrt(EVENTS * 0.05 * 0.95)


def test_a_file_is_told_by_seed_and_number() -> None:
    first, again = generate(1, 2, 100), generate(1, 2, 100)
    assert np.array_equal(first.pt, again.pt)
    assert not np.array_equal(first.pt, generate(1, 3, 100).pt)
    assert not np.array_equal(first.pt, generate(2, 2, 100).pt)
