"""The fit finds what was generated, its errors are right, and it knows when it failed."""

import dataclasses

import numpy as np
import pytest
from scipy import integrate

from patterns.z_peak.workload.z_peak.errors import JobError
from patterns.z_peak.workload.z_peak.fit import PeakFit, Spectrum, fit_peak, mass_spectrum
from patterns.z_peak.workload.z_peak.generate import generate
from patterns.z_peak.workload.z_peak.kinematics import MuonPairs
from patterns.z_peak.workload.z_peak.model import background_cdf, expected_below, signal_cdf
from patterns.z_peak.workload.z_peak.reference import (
    CHI2_PER_NDF_RANGE,
    M_Z_ERROR_RANGE_GEV,
    m_z_error_range,
)

pytestmark = pytest.mark.volume

EDGES = np.linspace(70, 110, 81)


def voigt(mass: float, m_z: float, sigma: float) -> float:
    """The convolution integral of a Breit-Wigner of width 2.4952 and a Gaussian, by quadrature."""

    def integrand(true_mass: float) -> float:
        breit_wigner = 1 / ((true_mass - m_z) ** 2 + 2.4952**2 / 4)
        return float(breit_wigner * np.exp(-0.5 * ((mass - true_mass) / sigma) ** 2))

    return float(integrate.quad(integrand, mass - 8 * sigma, mass + 8 * sigma, limit=200)[0])


def test_the_peak_is_the_convolution_normalised_in_the_window() -> None:
    fine = np.linspace(70, 110, 401)
    density = np.array([voigt(mass, 91.0, 1.4) for mass in fine])
    below = np.concatenate([[0], integrate.cumulative_simpson(density, x=fine)])
    np.testing.assert_allclose(signal_cdf(EDGES, 91.0, 1.4), below[::5] / below[-1], atol=2e-6)


@pytest.mark.parametrize("slope", [0.025, -0.01])
def test_the_background_is_an_exponential_normalised_in_the_window(slope: float) -> None:
    def integral(high: float) -> float:
        return float(integrate.quad(lambda mass: np.exp(-slope * mass), 70, high)[0])

    expected = [integral(edge) / integral(110) for edge in EDGES]
    np.testing.assert_allclose(background_cdf(EDGES, slope), expected, atol=1e-10)


def test_a_flat_background_is_the_limit_of_no_slope() -> None:
    np.testing.assert_allclose(background_cdf(EDGES, 0.0), np.linspace(0, 1, 81))
    np.testing.assert_allclose(background_cdf(EDGES, 1e-9), np.linspace(0, 1, 81), atol=1e-7)


def test_the_default_sample_gives_the_generated_mass(default_fit: PeakFit) -> None:
    assert default_fit.valid
    m_z, error = default_fit.values["m_z"], default_fit.errors["m_z"]
    assert abs(m_z - 91.1876) < error
    low, high = M_Z_ERROR_RANGE_GEV
    assert low < error < high
    assert abs(default_fit.values["sigma"] - 1.5) < 2 * default_fit.errors["sigma"]
    assert default_fit.ndf == 75
    low, high = CHI2_PER_NDF_RANGE
    assert low < default_fit.chi2 / default_fit.ndf < high


def test_the_default_sample_gives_the_generated_yields_and_slope(default_fit: PeakFit) -> None:
    def cauchy_below(mass: float) -> float:
        return float(np.arctan((mass - 91.1876) / (2.4952 / 2)))

    # The resolution moves as many pairs into the window as out of it, to a few in 100,000.
    signal = 100_000 * (cauchy_below(110) - cauchy_below(70))
    signal /= cauchy_below(130) - cauchy_below(50)
    assert abs(default_fit.values["signal"] - signal) < 2.5 * default_fit.errors["signal"]
    in_window = np.exp(-70 / 40) - np.exp(-110 / 40)
    background = 0.9 * 10_000 * in_window / (np.exp(-50 / 40) - np.exp(-130 / 40))
    assert abs(default_fit.values["background"] - background) < (
        2.5 * default_fit.errors["background"]
    )
    assert abs(default_fit.values["slope"] - 1 / 40) < 2.5 * default_fit.errors["slope"]


def test_errors_cover_the_truth_as_often_as_they_should() -> None:
    fits = [fit_peak(mass_spectrum(generate(seed, 10_000, 1_000))) for seed in range(60)]
    assert all(fit.valid for fit in fits)
    for name, truth in [("m_z", 91.1876), ("sigma", 1.5)]:
        pulls = np.array([(fit.values[name] - truth) / fit.errors[name] for fit in fits])
        assert abs(pulls.mean()) < 3 / np.sqrt(len(pulls))
        assert 0.7 < pulls.std(ddof=1) < 1.3
    low, high = m_z_error_range(10_000)
    assert all(low < fit.errors["m_z"] < high for fit in fits)


def test_an_exact_spectrum_gives_back_its_parameters() -> None:
    truth = {
        "m_z": 90.0,
        "sigma": 2.0,
        "signal": 80_000.0,
        "background": 20_000.0,
        "slope": 0.01,
    }
    counts = np.diff(expected_below(EDGES, **truth)).round().astype(np.int64)
    fit = fit_peak(Spectrum(counts, EDGES))
    assert fit.valid
    assert fit.chi2 < 0.1
    for name, value in truth.items():
        assert abs(fit.values[name] - value) < 0.05 * fit.errors[name]


def test_same_sign_pairs_are_left_out(default_pairs: MuonPairs) -> None:
    every_same_sign = dataclasses.replace(default_pairs, charge=np.abs(default_pairs.charge))
    assert mass_spectrum(every_same_sign).events == 0


def test_a_spectrum_without_a_peak_is_not_valid() -> None:
    fit = fit_peak(mass_spectrum(generate(1, 1, 10_000)))
    assert not fit.valid
    assert any("there is no peak" in problem for problem in fit.problems)


def test_a_spectrum_without_background_is_not_valid() -> None:
    fit = fit_peak(mass_spectrum(generate(20190622, 100_000, 0)))
    assert not fit.valid
    assert any("background is at its limit" in problem for problem in fit.problems)


def test_too_few_events_are_not_fitted() -> None:
    with pytest.raises(JobError, match=r"\d+ opposite-sign pairs between 70 and 110 GeV are too"):
        fit_peak(mass_spectrum(generate(1, 300, 50)))
