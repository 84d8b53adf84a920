"""The mass once more, from the stored sample, sharing no code with the workload's analysis.

Unbinned instead of binned, SciPy instead of Minuit, the Voigt profile by a discrete convolution
instead of the Faddeeva function, the mass by another formula, the error by finite differences.
"""

import io
from collections.abc import Callable

import numpy as np
import pytest
import uproot
from numpy.typing import NDArray
from scipy import optimize

from patterns.z_peak.workload.z_peak.fit import PeakFit
from patterns.z_peak.workload.z_peak.kinematics import MuonPairs
from patterns.z_peak.workload.z_peak.rootfile import to_root

pytestmark = pytest.mark.volume

Floats = NDArray[np.float64]
STEP = 0.02
GRID = np.arange(-4000, 4001) * STEP  # GeV from the peak
BREIT_WIGNER = 1 / (GRID**2 + 2.4952**2 / 4)


def test_an_independent_fit_finds_the_same_mass_and_error(
    default_pairs: MuonPairs, default_fit: PeakFit
) -> None:
    masses = masses_in_window(to_root(default_pairs))
    m_z, error = unbinned_fit(masses)
    assert abs(m_z - 91.1876) < 2 * error
    # Binning at 0.5 GeV loses little: both look at the same events.
    assert abs(m_z - default_fit.values["m_z"]) < 0.2 * error
    assert abs(error / default_fit.errors["m_z"] - 1) < 0.05


def masses_in_window(root_file: bytes) -> Floats:
    with uproot.open(io.BytesIO(root_file)) as file:
        events = file["Events"].arrays(library="np")
    pt, eta, phi, charge = (
        events[f"Muon_{name}"].astype(float).T for name in ("pt", "eta", "phi", "charge")
    )
    squared = 2 * pt[0] * pt[1] * (np.cosh(eta[0] - eta[1]) - np.cos(phi[0] - phi[1]))
    masses = np.sqrt(squared[charge[0] != charge[1]])
    return np.asarray(masses[(masses >= 70) & (masses < 110)])


def unbinned_fit(masses: Floats) -> tuple[float, float]:
    """Return m_Z and its error (GeV) by maximum likelihood."""

    def nll(parameters: Floats) -> float:
        m_z, sigma, signal_share, slope = parameters
        gauss = np.exp(-0.5 * (GRID[np.abs(GRID) < 12] / sigma) ** 2)
        peak = np.convolve(BREIT_WIGNER, gauss, mode="same")
        window = np.linspace(70, 110, 4001)
        peak_area = np.trapezoid(np.interp(window - m_z, GRID, peak), window)
        falling_area = (np.exp(-slope * 70) - np.exp(-slope * 110)) / slope
        density = signal_share * np.interp(masses - m_z, GRID, peak) / peak_area
        density += (1 - signal_share) * np.exp(-slope * masses) / falling_area
        return float(-np.log(density).sum())

    start = np.array([90.5, 1.3, 0.9, 0.02])
    steps = np.array([0.01, 0.01, 0.002, 0.003])  # about one standard error each
    scaled = optimize.minimize(
        lambda x: nll(start + x * steps), np.zeros(4), method="BFGS", options={"gtol": 0.05}
    )
    best = start + scaled.x * steps
    return float(best[0]), float(np.sqrt(np.linalg.inv(hessian(nll, best, steps))[0, 0]))


def hessian(function: Callable[[Floats], float], at: Floats, steps: Floats) -> Floats:
    """Second derivatives by central differences over one step."""
    moves = np.diag(steps)
    second = np.empty((len(at), len(at)))
    for i, a in enumerate(moves):
        for j, b in enumerate(moves):
            corners = function(at + a + b) - function(at + a - b)
            corners += function(at - a - b) - function(at - a + b)
            second[i, j] = corners / (4 * steps[i] * steps[j])
    return second
