"""The model, the generator and the fit agree with a model that shares no code with them."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats
from ssl_analysis.errors import AnalysisError

from patterns.generator_fit import reference
from patterns.generator_fit.workload.generator_fit import generate as generating
from patterns.generator_fit.workload.generator_fit.amplitude import (
    S12_LIMITS,
    Coefficients,
    components,
    s23_limits,
)
from patterns.generator_fit.workload.generator_fit.analysis import GENERATED, NAMES
from patterns.generator_fit.workload.generator_fit.fit import as_values, fit, fit_fractions
from patterns.generator_fit.workload.generator_fit.generate import Sample, generate
from patterns.generator_fit.workload.generator_fit.phase_space import counts, quadrature
from tests.unit.patterns.generator_fit import independent

pytestmark = pytest.mark.volume

POLAR = np.array([0.7, 2.0, 0.4, -1.0])


@pytest.fixture(scope="module")
def sample() -> Sample:
    return generate(GENERATED, reference.SEED, reference.EVENTS)


def test_the_amplitudes_are_those_of_the_helicity_angles(sample: Sample) -> None:
    ours, theirs = (each(sample.s12, sample.s23) for each in (components, independent.amplitudes))
    np.testing.assert_allclose(ours, theirs, atol=1e-11)


def test_the_integrals_are_those_of_the_midpoint_rule() -> None:
    scale, overlaps, _, _ = independent.integrals()
    # the midpoint rule with 1000 points loses some 1e-5 where phase space ends like a square root
    np.testing.assert_allclose(quadrature().scale, scale, rtol=1e-4)
    np.testing.assert_allclose(quadrature().overlaps, overlaps, atol=1e-4)
    assert quadrature().weights.sum() == pytest.approx(1)


def test_the_limits_are_the_boundary_of_the_dalitz_plot() -> None:
    """At the limits the pions are parallel: Kibble's determinant is zero there."""
    s12 = np.linspace(*S12_LIMITS, 52)[1:-1]
    d, k, pi = (mass**2 for mass in (independent.D, independent.K, independent.PI))
    for s23 in s23_limits(s12):
        x, y, z = s12 - k - pi, s23 - 2 * pi, d + pi - s12 - s23  # twice the momenta's products
        gram = 4 * k * pi * pi + x * y * z - k * y**2 - pi * z**2 - pi * x**2
        np.testing.assert_allclose(gram, 0, atol=1e-12)


def test_the_reference_is_of_the_generated_values() -> None:
    names = [NAMES[name] for name in as_values(GENERATED)]
    assert [reference.GENERATED[name] for name in names] == list(as_values(GENERATED).values())
    assert list(as_values(GENERATED).values()) == list(POLAR)
    shares = independent.fractions(independent.of(POLAR))
    # as many digits as the reference has, and the integrals' 1e-5
    assert list(reference.GENERATED.values())[4:] == pytest.approx(list(shares), abs=2e-5)
    assert list(fit_fractions(GENERATED)) == pytest.approx(list(shares), abs=2e-5)


def test_the_known_errors_are_those_of_the_fisher_information() -> None:
    values, shares = independent.errors(POLAR, reference.EVENTS)
    assert list(reference.ERRORS.values()) == pytest.approx([*values, *shares], abs=6e-6)


def test_the_known_fit_is_what_another_minimiser_finds(sample: Sample) -> None:
    found = independent.fit(sample.s12, sample.s23, np.array([0.2, 0.3, 0.2, 0.1]))
    shares = independent.fractions(independent.of(found.polar))
    assert list(reference.DEFAULT_FIT.values()) == pytest.approx([*found.polar, *shares], abs=3e-5)


def test_the_fit_is_the_known_one(sample: Sample) -> None:
    found = fit(sample.s12, sample.s23)
    values = [*as_values(found.coefficients).values(), *found.fractions.values()]
    errors = [*as_values(found.errors).values(), *found.fraction_errors.values()]
    known = np.array(list(reference.DEFAULT_FIT.values()))
    distance = np.abs(np.array(values) - known) / np.array(list(reference.ERRORS.values()))
    assert distance.max() < reference.CLOSE_IN_ERRORS
    assert errors == pytest.approx(list(reference.ERRORS.values()), rel=reference.ERROR_SHARE)
    assert stats.chi2(found.ndf).sf(found.chi2) > 0.001


def test_pulls_of_other_samples_are_standard_normal() -> None:
    pulls = []
    for seed in range(12):
        sample = generate(GENERATED, seed, 5000)
        found = fit(sample.s12, sample.s23)
        values, errors = (
            np.array(list(as_values(each).values())) for each in (found.coefficients, found.errors)
        )
        pulls.append((values - POLAR) / errors)
    spread = np.array(pulls)
    # 12 pulls of each: the mean's error is 0.29; 48 in all: that of the mean square is 0.2
    assert np.abs(spread.mean(axis=0)).max() < 4 * 0.29
    assert (spread**2).mean() == pytest.approx(1, abs=4 * 0.2)


def test_the_decays_follow_the_model_in_every_bin(sample: Sample) -> None:
    """The rows of the midpoint rule's nodes say how many decays belong in each bin of s23."""
    _, _, found, weights = independent.integrals()
    intensity = weights * np.abs(found @ independent.of(POLAR)) ** 2
    rows = intensity.reshape(40, -1).sum(axis=1)
    expected = len(sample.s23) * rows / rows.sum()
    limits = ((2 * independent.PI) ** 2, (independent.D - independent.K) ** 2)
    observed, _ = np.histogram(sample.s23, bins=40, range=limits)
    assert expected.min() > 10
    assert stats.chisquare(observed, expected).pvalue > 0.001
    assert counts(sample.s12, sample.s23).sum() == len(sample.s12)


def test_the_decays_depend_on_the_seed_alone(sample: Sample) -> None:
    again, other = (generate(GENERATED, seed, 5000) for seed in (reference.SEED, 2))
    np.testing.assert_array_equal(again.s12, sample.s12[:5000])
    assert not np.array_equal(again.s12, other.s12)


def test_an_envelope_that_is_too_low_is_no_sample(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(generating, "_MARGIN", 0.5)
    with pytest.raises(AnalysisError, match=r"is above the envelope .*; no result is stored"):
        generate(GENERATED, 1, 5000)


def test_a_fit_at_its_limit_is_no_result() -> None:
    nearly_uniform = generate(Coefficients(0.0, 0.0, 1000.0, 0.0), 1, 5000)
    with pytest.raises(AnalysisError, match=r"the fit ended at a limit .*no result is stored"):
        fit(nearly_uniform.s12, nearly_uniform.s23)
