"""Integrals over the Dalitz plot by Gauss-Legendre quadrature in bins."""

from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np

from .amplitude import S12_LIMITS, Coefficients, Complexes, Floats, components, s23_limits

BINS: Final = (24, 12)
"""Bins in s12, and in where s23 lies between its limits at this s12."""
_NODES: Final = 8
"""Nodes of the quadrature in each bin and direction."""


@dataclass(frozen=True)
class Quadrature:
    """The components at the nodes, normalised, and the nodes' weights, which sum to one.

    `scale` is what each component is divided by, so that the mean of its square over the plot
    is one; `overlaps` are the means of every component times every other's conjugate.
    """

    amplitudes: Complexes
    weights: Floats
    bins: "np.ndarray[tuple[int], np.dtype[np.intp]]"
    scale: Floats
    overlaps: Complexes

    def intensity(self, coefficients: Coefficients) -> Floats:
        """Return the squared sum of the amplitudes at the nodes."""
        return np.asarray(np.abs(self.amplitudes @ coefficients.vector()) ** 2)

    def norm(self, coefficients: Coefficients) -> float:
        """Return the mean intensity over the plot."""
        vector = coefficients.vector()
        return float((vector @ self.overlaps @ vector.conj()).real)

    def expected(self, coefficients: Coefficients, events: int) -> Floats:
        """Return the expected events of each bin."""
        shares = np.bincount(
            self.bins, self.intensity(coefficients) * self.weights, minlength=BINS[0] * BINS[1]
        )
        return np.asarray(events * shares / shares.sum())


@cache
def quadrature() -> Quadrature:
    """Return the nodes; they depend on masses and widths alone."""
    s12, s12_weights = _nodes(*S12_LIMITS, BINS[0])
    where, where_weights = _nodes(0.0, 1.0, BINS[1])
    low, high = s23_limits(s12)
    s23 = low[:, None] + (high - low)[:, None] * where
    weights = (s12_weights * (high - low))[:, None] * where_weights
    weights = (weights / weights.sum()).ravel()
    amplitudes = components(np.repeat(s12, len(where)), s23.ravel())
    scale = np.sqrt(weights @ np.abs(amplitudes) ** 2)
    amplitudes = amplitudes / scale
    overlaps = amplitudes.T @ (weights[:, None] * amplitudes.conj())
    rows, columns = np.arange(len(s12)) // _NODES, np.arange(len(where)) // _NODES
    bins = (rows[:, None] * BINS[1] + columns).ravel()
    return Quadrature(amplitudes, weights, bins, scale, overlaps)


def counts(s12: Floats, s23: Floats) -> Floats:
    """Return how many decays are in each bin."""
    low, high = s23_limits(s12)
    where = np.clip((s23 - low) / (high - low), 0, 1)
    found, _, _ = np.histogram2d(s12, where, bins=BINS, range=(S12_LIMITS, (0, 1)))
    return np.asarray(found.ravel())


def _nodes(low: float, high: float, bins: int) -> tuple[Floats, Floats]:
    """Return nodes and weights on an interval that is cut into equal bins."""
    nodes, weights = np.polynomial.legendre.leggauss(_NODES)
    edges = np.linspace(low, high, bins + 1)
    half = np.diff(edges)[:, None] / 2
    return (edges[:-1, None] + half * (nodes + 1)).ravel(), (half * weights).ravel()
