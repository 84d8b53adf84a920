"""The generator's density written out, integrals of it, and the best theta without Minuit."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy.integrate import dblquad
from scipy.optimize import brentq, minimize_scalar

Floats = NDArray[np.float64]
K = 0.5
FAR = 60.0
"""An energy beyond which the exponential, 1e-26, leaves nothing to integrate."""


def not_normalised(e: float, c: float, theta: float) -> float:
    """Return the squared amplitude with complex numbers, times the density without new physics."""
    return abs(1 + theta * e * complex(c, K)) ** 2 * math.exp(-e) / 2


def integral(of: Callable[[float, float], float]) -> float:
    """Return the integral over all energies and cosines."""
    found, _ = dblquad(of, 0, FAR, -1, 1)
    return float(found)


def norm(theta: float) -> float:
    """Return the integral of the density that is not normalised, by quadrature."""
    return integral(lambda c, e: not_normalised(e, c, theta))


def error(theta: float, events: int) -> float:
    """Return the error of theta from the Fisher information of so many collisions."""
    step = 1e-3
    norms = [norm(theta + shift) for shift in (-step, 0.0, step)]

    def information(c: float, e: float) -> float:
        low, here, high = (
            not_normalised(e, c, theta + shift) / total
            for shift, total in zip((-step, 0.0, step), norms, strict=True)
        )
        return ((high - low) / (2 * step)) ** 2 / here

    return 1 / math.sqrt(events * integral(information))


def best_theta(energy: Floats, cosine: Floats) -> tuple[float, float]:
    """Return the most likely theta and half the width over which -2 log L rises by one."""

    def loss(theta: float) -> float:
        amplitude = 1 + theta * energy * (cosine + 1j * K)
        total = 1 + theta**2 * (2 / 3 + 2 * K**2)
        return float(-2 * (2 * np.log(np.abs(amplitude)) - np.log(total)).sum())

    found = minimize_scalar(loss, bounds=(-1, 1), method="bounded", options={"xatol": 1e-8})
    best = float(found.x)

    def above(theta: float) -> float:
        return loss(theta) - float(found.fun) - 1

    return best, (brentq(above, best, best + 0.2) - brentq(above, best - 0.2, best)) / 2
