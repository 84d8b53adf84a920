"""The shape fitted to the mass spectrum: Voigt peak plus exponential, in GeV."""

import numpy as np
from scipy.special import voigt_profile

from .kinematics import Floats
from .reference import Z_WIDTH_GEV

# Four nodes a bin integrate the Voigt profile over half a GeV to better than one in a million
# (the profile's narrowest feature is wider than a GeV).
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(4)


def signal_cdf(edges: Floats, m_z: float, sigma: float) -> Floats:
    """Return the share of the peak below each edge: 0 at the first edge, 1 at the last.

    The peak is a Breit-Wigner of mass ``m_z`` and the known width Z_WIDTH_GEV, convolved with
    a Gaussian of width ``sigma``: the Voigt profile, normalised between the outer edges.
    """
    half = np.diff(edges) / 2
    middle = edges[:-1] + half
    masses = middle[:, None] + half[:, None] * _NODES
    in_bins = half * (voigt_profile(masses - m_z, sigma, Z_WIDTH_GEV / 2) @ _WEIGHTS)
    below = np.concatenate([[0.0], np.cumsum(in_bins)])
    return np.asarray(below / below[-1])


def background_cdf(edges: Floats, slope: float) -> Floats:
    """Return the share of exp(-slope * m) below each edge; ``slope`` is per GeV."""
    scaled = slope * (edges - edges[0])
    if abs(scaled[-1]) < 1e-9:
        return np.asarray((edges - edges[0]) / (edges[-1] - edges[0]))
    return np.asarray(np.expm1(-scaled) / np.expm1(-scaled[-1]))


def expected_below(
    edges: Floats, m_z: float, sigma: float, signal: float, background: float, slope: float
) -> Floats:
    """Return the number of events expected below each edge.

    ``signal`` and ``background`` are the numbers of events between the outer edges.
    """
    return signal * signal_cdf(edges, m_z, sigma) + background * background_cdf(edges, slope)
