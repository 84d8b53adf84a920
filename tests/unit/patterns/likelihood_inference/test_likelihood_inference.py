"""Generator, exact ratio, classifier and inference, against a density that is written out again."""

from __future__ import annotations

import warnings
from itertools import pairwise

import numpy as np
import pytest
from scipy import stats
from sklearn.ensemble import (  # type: ignore[import-untyped]
    HistGradientBoostingClassifier,
)
from ssl_analysis.errors import AnalysisError

from patterns.likelihood_inference import reference
from patterns.likelihood_inference.workload.likelihood_inference import analysis, classifier
from patterns.likelihood_inference.workload.likelihood_inference.analysis import (
    observed_collisions,
)
from patterns.likelihood_inference.workload.likelihood_inference.collisions import (
    PHASE,
    Collisions,
    generate,
    log_ratio,
)
from patterns.likelihood_inference.workload.likelihood_inference.inference import Loss, estimate
from tests.unit.patterns.likelihood_inference import independent

pytestmark = pytest.mark.volume


def sample(theta: float, events: int, seed: int = 1) -> Collisions:
    return generate(np.random.default_rng(seed), np.full(events, theta))


def exact_loss(collisions: Collisions) -> Loss:
    return lambda theta: float(-2 * log_ratio(collisions, theta).sum())


@pytest.mark.parametrize("theta", [-1.0, -0.4, 0.4, 1.0])
def test_the_exact_ratio_is_that_of_the_densities(theta: float) -> None:
    points = [(0.1, -0.9), (1.0, 0.5), (3.0, 1.0), (7.0, -0.2)]
    ours = log_ratio(Collisions(*np.array(points).T), theta)
    total = independent.norm(theta)
    theirs = [
        np.log(independent.not_normalised(*each, theta) / total)
        - np.log(independent.not_normalised(*each, 0.0))
        for each in points
    ]
    assert independent.K == PHASE
    np.testing.assert_allclose(ours, theirs, rtol=1e-8, atol=1e-8)


@pytest.mark.parametrize("theta", [0.0, -0.7, 1.0])
def test_collisions_follow_the_density(theta: float) -> None:
    collisions = sample(theta, 20_000)
    edges_e, edges_c = np.array([0.0, 0.5, 1.0, 1.5, 2.5, 4.0, 60.0]), np.linspace(-1, 1, 6)
    observed, _, _ = np.histogram2d(collisions.energy, collisions.cosine, bins=(edges_e, edges_c))
    # midpoints of a fine grid in each bin, other than the quadrature of the norm
    share = np.array(
        [[_integral(theta, *e, *c) for c in pairwise(edges_c)] for e in pairwise(edges_e)]
    )
    assert share.sum() == pytest.approx(independent.norm(theta), rel=1e-3)
    expected = 20_000 * share / share.sum()
    assert stats.chisquare(observed.ravel(), expected.ravel()).pvalue > 0.001


def _integral(theta: float, e0: float, e1: float, c0: float, c1: float) -> float:
    points = 400
    e = e0 + (e1 - e0) * (np.arange(points)[:, None] + 0.5) / points
    c = c0 + (c1 - c0) * (np.arange(20) + 0.5) / 20
    rate = np.abs(1 + theta * e * (c + 1j * independent.K)) ** 2 * np.exp(-e) / 2
    return float(rate.mean() * (e1 - e0) * (c1 - c0))


def test_collisions_depend_on_the_seed_alone() -> None:
    first, again, other = (sample(0.4, 500, seed) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first.energy, again.energy)
    assert not np.array_equal(first.energy, other.energy)


def test_the_known_numbers_are_those_of_the_independent_computation() -> None:
    assert (reference.THETA, reference.OBSERVED_EVENTS) == (
        analysis.TRUE_THETA,
        analysis.OBSERVED_EVENTS,
    )
    assert independent.error(reference.THETA, 1000) == pytest.approx(reference.ERROR, abs=1e-6)
    observed = observed_collisions(reference.SEED)
    best, width = independent.best_theta(observed.energy, observed.cosine)
    assert best == pytest.approx(reference.DEFAULT_THETA, abs=1e-6)
    assert width == pytest.approx(reference.ERROR, rel=reference.EXACT_ERROR_SHARE)


@pytest.mark.parametrize("seed", [reference.SEED, 1, 2])
def test_minuit_finds_what_scipy_finds(seed: int) -> None:
    observed = observed_collisions(seed)
    found = estimate("exact", exact_loss(observed))
    best, width = independent.best_theta(observed.energy, observed.cosine)
    assert found.theta == pytest.approx(best, abs=reference.CLOSE_IN_ERRORS * reference.ERROR)
    # Hesse's curvature at the minimum, and the width of one unit: equal for a parabola
    assert found.error == pytest.approx(width, rel=0.02)


def test_estimates_are_unbiased() -> None:
    pulls = []
    for seed in range(40):
        observed = observed_collisions(seed)
        found = estimate("exact", exact_loss(observed))
        pulls.append((found.theta - reference.THETA) / found.error)
    # of 40: the mean's error is 0.16, the mean square's 0.22
    assert np.mean(pulls) == pytest.approx(0, abs=4 * 0.16)
    assert np.mean(np.square(pulls)) == pytest.approx(1, abs=4 * 0.22)


def test_a_small_network_learns_the_ratio_as_well_as_boosted_trees() -> None:
    """Trees learn the same ratio by another algorithm, at one theta; both approach the exact."""
    theta, events = 0.4, 20_000
    network = classifier.train(np.random.default_rng(1), events, seed=1)
    collisions = sample(0.0, 5000, seed=3)
    exact = log_ratio(collisions, theta)
    of_network = np.corrcoef(exact, network.log_ratio(collisions, theta))[0, 1]
    kinds = (sample(0.0, events, seed=4), sample(theta, events, seed=5))
    features = np.concatenate([np.stack([each.energy, each.cosine], axis=1) for each in kinds])
    trees = HistGradientBoostingClassifier(max_iter=60, random_state=1)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        trees.fit(features, np.repeat([0, 1], events))
    shares = trees.predict_proba(np.stack([collisions.energy, collisions.cosine], axis=1))
    of_trees = np.corrcoef(exact, np.log(shares[:, 1] / shares[:, 0]))[0, 1]
    assert of_network > 0.92
    assert of_trees > 0.90
    # calibrated: over other collisions of zero its mean is one, to what 5000 of them tell
    assert np.exp(network.log_ratio(collisions, theta)).mean() == pytest.approx(1, abs=0.05)


def test_a_network_that_learns_nothing_is_no_result(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(classifier, "_SCHEDULE", ((1e-9, 1),))
    with pytest.raises(AnalysisError, match=r"the network has learnt nothing .*no result"):
        classifier.train(np.random.default_rng(1), 2000, seed=1)


def test_a_theta_at_its_limit_is_no_result() -> None:
    observed = sample(3.0, 1000)
    with pytest.raises(
        AnalysisError, match=r"the exact fit ended at theta = .*no result is stored"
    ):
        estimate("exact", lambda theta: float(-2 * log_ratio(observed, theta).sum()))
