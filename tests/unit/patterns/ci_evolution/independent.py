"""What the estimates are for endlessly many events: by integrals instead of generated events.

Nothing of the analysis is used but the numbers that describe the model. A first integral over the
mass is done in closed form (moments of a Gaussian and of an exponential in a range), the second,
over the momentum, by SciPy. The errors follow from the influence of one event, integrated over a
grid.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection

import numpy as np
from scipy.integrate import quad
from scipy.stats import norm

M_Z, WIDTH = 91.1876, 2.5
SHARE, LOW, HIGH, SCALE = 0.15, 60.0, 130.0, 40.0
SOFTEST, PT_SCALE, LOSS = 10.0, 15.0, 0.2
CHANGES = ("energy loss", "threshold", "background")


def estimate(changes: Collection[str]) -> float:
    """Return the mean mass in GeV that the analysis with these changes tends to."""
    count = _over_pt(lambda scale: moments(81.0, 101.0, scale)[0], changes)
    mass = _over_pt(lambda scale: moments(81.0, 101.0, scale)[1], changes)
    if "background" in changes:
        beside = _over_pt(
            lambda scale: moments(71.0, 81.0, scale)[0] + moments(101.0, 111.0, scale)[0], changes
        )
        return (mass - 91.0 * beside) / (count - beside)
    return mass / count


def moments(low: float, high: float, scale: float) -> tuple[float, float]:
    """Return share and integrated mass of what is measured in a range, the mass being scaled."""
    a, b = low / scale, high / scale
    alpha, beta = (a - M_Z) / WIDTH, (b - M_Z) / WIDTH
    inside = norm.cdf(beta) - norm.cdf(alpha)
    mean = M_Z * inside - WIDTH * (norm.pdf(beta) - norm.pdf(alpha))
    a, b = max(a, LOW), min(b, HIGH)
    whole = 1 - math.exp(-(HIGH - LOW) / SCALE)
    at_a, at_b = math.exp(-(a - LOW) / SCALE), math.exp(-(b - LOW) / SCALE)
    falling = (at_a - at_b) / whole
    falling_mean = ((a + SCALE) * at_a - (b + SCALE) * at_b) / whole
    share = (1 - SHARE) * inside + SHARE * falling
    return share, scale * ((1 - SHARE) * mean + SHARE * falling_mean)


def _over_pt(inner: Callable[[float], float], changes: Collection[str]) -> float:
    """Integrate over the momentum above the threshold."""
    corrected = "energy loss" in changes
    threshold = 25.0 if "threshold" in changes else 20.0
    begin = threshold if corrected else threshold + LOSS

    def outer(pt: float) -> float:
        density = math.exp(-(pt - SOFTEST) / PT_SCALE) / PT_SCALE
        return density * inner(1.0 if corrected else 1 - LOSS / pt)

    return float(quad(outer, begin, begin + 40 * PT_SCALE, epsabs=1e-13, limit=200)[0])


def influence(mass: np.ndarray, pt: np.ndarray, changes: Collection[str]) -> np.ndarray:
    """Return by how much one event of a true mass and momentum moves the estimate, times n."""
    corrected = "energy loss" in changes
    seen_mass = mass if corrected else mass * (1 - LOSS / pt)
    seen_pt = pt if corrected else pt - LOSS
    good = seen_pt >= (25.0 if "threshold" in changes else 20.0)
    window = good & (seen_mass >= 81) & (seen_mass < 101)
    beside = good & (seen_mass >= 71) & (seen_mass < 111) & ~window
    count = _over_pt(lambda scale: moments(81.0, 101.0, scale)[0], changes)
    centre = estimate(changes)
    moved = np.where(window, seen_mass - centre, 0.0)
    if "background" in changes:
        count -= _over_pt(
            lambda scale: moments(71.0, 81.0, scale)[0] + moments(101.0, 111.0, scale)[0], changes
        )
        moved = moved - np.where(beside, 91.0 - centre, 0.0)
    return np.asarray(moved / count)


def covariance(first: Collection[str], second: Collection[str]) -> np.ndarray:
    """Return the covariance matrix of two estimates from one event, in GeV squared."""
    mass = np.linspace(LOW, HIGH, 3501)
    mass = (mass[1:] + mass[:-1]) / 2
    steps = (np.arange(1500) + 0.5) / 1500
    pt = SOFTEST - PT_SCALE * np.log(1 - steps)  # equally likely momenta
    peak = norm.pdf(mass, M_Z, WIDTH)
    falling = np.exp(-(mass - LOW) / SCALE) / SCALE / (1 - math.exp(-(HIGH - LOW) / SCALE))
    weight = ((1 - SHARE) * peak + SHARE * falling) * (mass[1] - mass[0]) / len(pt)
    grid_mass, grid_pt = np.meshgrid(mass, pt)
    rows = np.stack([influence(grid_mass, grid_pt, each).ravel() for each in (first, second)])
    weights = np.broadcast_to(weight, grid_mass.shape).ravel()
    return np.asarray((rows * weights) @ rows.T)
