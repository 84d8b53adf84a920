"""The numbers of the reference, by a second way: a closed form that fits nothing."""

from __future__ import annotations

import numpy as np
import optuna
import pytest
from numpy.typing import NDArray
from scipy.optimize import minimize

from patterns.hyperparameter_search.reference import DEFAULTS_LOSS, LEAST_LOSS, SHORTFALL
from patterns.hyperparameter_search.settings import Settings
from patterns.hyperparameter_search.workload.hyperparameter_search.objective import (
    DEFAULTS,
    FOLDS,
    GAMMA_RANGE,
    RIDGE_RANGE,
    Candidate,
    loss,
)
from patterns.hyperparameter_search.workload.hyperparameter_search.sample import Sample, generate
from patterns.hyperparameter_search.workload.hyperparameter_search.study import SPACE, sampler

pytestmark = pytest.mark.volume

Array = NDArray[np.float64]


def closed(sample: Sample, candidate: Candidate) -> float:
    """Return the loss without a fit.

    With G the inverse of (kernel + ridge), what is missed at the events of a fold that is left out
    is G_ff^-1 (G y)_f: one inverse of all events instead of a fit for each fold.
    """
    distances = np.square(sample.features[:, None] - sample.features[None]).sum(axis=-1)
    count = len(sample.labels)
    inverse = np.linalg.inv(np.exp(-candidate.gamma * distances) + candidate.ridge * np.eye(count))
    weights = inverse @ sample.labels
    total = 0.0
    for fold in range(FOLDS):
        out = np.arange(fold, count, FOLDS)
        missed = np.linalg.solve(inverse[np.ix_(out, out)], weights[out])
        total += float(missed @ missed)
    return total / count


@pytest.fixture(scope="module")
def sample() -> Sample:
    return generate(Settings().seed, Settings().events)


def at(point: Array) -> Candidate:
    return Candidate(ridge=10 ** point[0], gamma=10 ** point[1])


@pytest.mark.parametrize(
    "candidate",
    [DEFAULTS, Candidate(ridge=0.01, gamma=30.0), Candidate(ridge=50.0, gamma=0.02)],
)
def test_leaving_out_by_fits_is_the_closed_form(sample: Sample, candidate: Candidate) -> None:
    # the worst of these kernels has a condition of 6e4, so 1e-10 is far above rounding
    assert loss(sample, candidate) == pytest.approx(closed(sample, candidate), rel=1e-10)


def test_the_loss_of_the_defaults_is_the_references(sample: Sample) -> None:
    assert abs(closed(sample, DEFAULTS) - DEFAULTS_LOSS.value) < DEFAULTS_LOSS.tolerance


@pytest.mark.volume
def test_the_least_loss_is_the_references_and_is_the_only_minimum(sample: Sample) -> None:
    options = {"xatol": 1e-5, "fatol": 1e-11}
    for start in ([0.0, 0.0], [-1.5, 0.8], [0.8, 0.6]):
        found = minimize(
            lambda point: closed(sample, at(point)), start, method="Nelder-Mead", options=options
        )
        assert found.fun == pytest.approx(LEAST_LOSS, abs=1e-9)
        assert 10**found.x == pytest.approx([0.2843, 2.1157], rel=1e-3)


@pytest.mark.filterwarnings("ignore::optuna.exceptions.ExperimentalWarning")
@pytest.mark.volume
@pytest.mark.parametrize("workers", [4])
def test_forty_trials_come_within_the_shortfall(sample: Sample, workers: int) -> None:
    study = optuna.create_study()
    study.enqueue_trial({"ridge": DEFAULTS.ridge, "gamma": DEFAULTS.gamma})
    running: list[optuna.Trial] = []
    for number in range(40):
        study.sampler = sampler(Settings().seed, number)
        running.append(study.ask(SPACE))
        if len(running) == workers:  # each is told while the others still run
            trial = running.pop(0)
            study.tell(trial, closed(sample, Candidate(**trial.params)))
    assert LEAST_LOSS < study.best_value < LEAST_LOSS + SHORTFALL


@pytest.mark.volume
def test_nothing_in_the_searched_range_is_below_the_least_loss(sample: Sample) -> None:
    ridges = np.linspace(np.log10(RIDGE_RANGE[0]), np.log10(RIDGE_RANGE[1]), 13)
    gammas = np.linspace(np.log10(GAMMA_RANGE[0]), np.log10(GAMMA_RANGE[1]), 11)
    grid = [closed(sample, at(np.array([ridge, gamma]))) for ridge in ridges for gamma in gammas]
    assert LEAST_LOSS < min(grid) < LEAST_LOSS + SHORTFALL


def test_the_sample_is_what_it_says() -> None:
    many = generate(1, 200_000)
    mass = many.features[:, 0] * 10 + 90
    momentum = np.expm1(many.features[:, 1]) * 10
    signal = many.labels > 0
    assert signal.sum() == 100_000
    # four standard errors of means over 100 000 events
    assert abs(mass[signal].mean() - 91.1876) < 4 * 2.5 / 316
    assert abs(mass[~signal].mean() - 90.0) < 4 * 40 / 12**0.5 / 316
    assert abs(momentum[signal].mean() - 15) < 4 * 15 / 316
    assert abs(momentum[~signal].mean() - 30) < 4 * 30 / 316


def test_another_seed_is_another_sample_and_the_same_is_the_same() -> None:
    first, again, other = generate(1, 100), generate(1, 100), generate(2, 100)
    assert np.array_equal(first.features, again.features)
    assert not np.array_equal(first.features, other.features)
