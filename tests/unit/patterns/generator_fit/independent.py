"""The amplitude model again: angles instead of tensors, other coordinates, another minimiser.

The spin factor is -4 p q cos(theta), with momenta in the resonance's rest frame; the integrals run
by the midpoint rule over s23 and the angle of its pair; the fit is SciPy's BFGS over real and
imaginary parts of the coefficients.
"""

from __future__ import annotations

import cmath
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

Floats = NDArray[np.float64]
Complexes = NDArray[np.complex128]

D, K, PI = 1.86484, 0.497611, 0.13957039
TOTAL = D**2 + K**2 + 2 * PI**2
POINTS = 1000


def two_body(s: Floats, first: float, second: float) -> tuple[Floats, Floats]:
    """Return energy and momentum of the first of two particles in their rest frame."""
    energy = (s + first**2 - second**2) / (2 * np.sqrt(s))
    return energy, np.sqrt(np.maximum(energy**2 - first**2, 0))


def bachelor(s: Floats, mass: float) -> tuple[Floats, Floats]:
    """Return energy and momentum of the third particle in the rest frame of the pair."""
    energy = (D**2 - s - mass**2) / (2 * np.sqrt(s))
    return energy, np.sqrt(np.maximum(energy**2 - mass**2, 0))


def vector_meson(
    s: Floats, s_with_bachelor: Floats, masses: tuple[float, float, float], m0: float, width: float
) -> Complexes:
    """Return the amplitude of a resonance of particles a and b, beside c.

    `s_with_bachelor` is the squared mass of a and c.
    """
    a, b, c = masses
    energy, q = two_body(s, a, b)
    energy_c, _ = bachelor(s, c)
    p_q_cos = (a**2 + c**2 + 2 * energy * energy_c - s_with_bachelor) / 2
    _, q0 = two_body(np.array(m0**2), a, b)
    running = width * (q / q0) ** 3 * (m0 / np.sqrt(s))
    return np.asarray(-4 * p_q_cos / (m0**2 - s - 1j * m0 * running))


def amplitudes(s12: Floats, s23: Floats) -> Complexes:
    """Return the three amplitudes, not normalised."""
    s13 = TOTAL - s12 - s23
    return np.stack(
        [
            vector_meson(s12, s13, (K, PI, PI), 0.89167, 0.0514),
            vector_meson(s23, s13, (PI, PI, K), 0.77526, 0.1491) * -1,  # a is the other pion here
            np.ones_like(s12) + 0j,
        ],
        axis=-1,
    )


@cache
def integrals() -> tuple[Floats, Complexes, Complexes, Floats]:
    """Return scale, overlaps, and amplitudes with weights at midpoints of s23 and its angle."""
    edges = np.linspace((2 * PI) ** 2, (D - K) ** 2, POINTS + 1)
    s23 = (edges[:-1] + edges[1:]) / 2
    cosine = (np.arange(POINTS) + 0.5) / POINTS * 2 - 1
    energy, q = two_body(s23, PI, PI)
    energy_k, p = bachelor(s23, K)
    s12 = (PI**2 + K**2 + 2 * energy * energy_k)[:, None] - 2 * (p * q)[:, None] * cosine
    weights = np.repeat(p * q, POINTS)
    weights /= weights.sum()
    found = amplitudes(s12.ravel(), np.repeat(s23, POINTS))
    scale = np.sqrt(weights @ np.abs(found) ** 2)
    found /= scale
    return scale, found.T @ (weights[:, None] * found.conj()), found, weights


def fractions(coefficients: Complexes) -> Floats:
    """Return the fit fractions, by their definition."""
    _, overlaps, _, _ = integrals()
    alone = np.abs(coefficients) ** 2 * np.diag(overlaps).real
    return np.asarray(alone / (coefficients @ overlaps @ coefficients.conj()).real)


def of(polar: Floats) -> Complexes:
    """Return the coefficients of magnitudes and phases."""
    return np.array([1, cmath.rect(polar[0], polar[1]), cmath.rect(polar[2], polar[3])])


def errors(polar: Floats, events: int) -> tuple[Floats, Floats]:
    """Return the errors of magnitudes and phases, and of the fractions, for so many decays.

    They follow from the Fisher information: no decay is generated, nothing is minimised.
    """
    _, _, found, weights = integrals()

    def density(at: Floats) -> Floats:
        intensity = np.abs(found @ of(at)) ** 2
        return np.asarray(intensity / (weights @ intensity))

    step = 1e-4 * np.eye(4)
    slopes = np.array([(density(polar + each) - density(polar - each)) / 2e-4 for each in step])
    information = events * (slopes * (weights / density(polar))) @ slopes.T
    covariance = np.linalg.inv(information)
    changes = (
        np.array([fractions(of(polar + each)) - fractions(of(polar - each)) for each in step]).T
        / 2e-4
    )
    return (
        np.sqrt(np.diag(covariance)),
        np.sqrt(np.diag(changes @ covariance @ changes.T)),
    )


@dataclass(frozen=True)
class Found:
    """Magnitudes and phases, in the order rho, nonresonant; and the minimum."""

    polar: Floats
    minimum: float


def fit(s12: Floats, s23: Floats, start: Floats) -> Found:
    """Minimise half of what the pattern minimises, over cartesian coefficients."""
    scale, overlaps, _, _ = integrals()
    found = amplitudes(s12, s23) / scale

    def loss(at: Floats) -> float:
        coefficients = np.array([1, complex(at[0], at[1]), complex(at[2], at[3])])
        norm = (coefficients @ overlaps @ coefficients.conj()).real
        return float(len(s12) * np.log(norm) - np.log(np.abs(found @ coefficients) ** 2).sum())

    best = minimize(loss, start, method="BFGS", options={"gtol": 0.5})
    rho, nonresonant = complex(*best.x[:2]), complex(*best.x[2:])
    polar = np.array([*cmath.polar(rho), *cmath.polar(nonresonant)])
    return Found(polar, float(best.fun))
