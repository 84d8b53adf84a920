"""The amplitudes of D0 -> K0S pi- pi+, and their sum with complex coefficients.

Particles 1, 2, 3 are the kaon, the negative and the positive pion. A decay is a point of the Dalitz
plot: the squared masses (GeV^2) of the pairs 1, 2 and 2, 3, called s12 and s23.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Complexes = NDArray[np.complex128]

# Masses and widths in GeV, Particle Data Group, Review of Particle Physics: https://pdg.lbl.gov/
M_D: Final = 1.86484
M_K: Final = 0.497611
M_PI: Final = 0.13957039
KSTAR: Final = (0.89167, 0.0514)
RHO: Final = (0.77526, 0.1491)

COMPONENTS: Final = ("kstar", "rho", "nonresonant")
"""K*(892)- of kaon and negative pion, rho(770) of the pions, and a constant."""

_SUM_OF_SQUARES: Final = M_D**2 + M_K**2 + 2 * M_PI**2


@dataclass(frozen=True)
class Coefficients:
    """The magnitudes and phases (radians) of rho and the constant, against K* with 1 and 0."""

    rho: float
    rho_phase: float
    nonresonant: float
    nonresonant_phase: float

    def vector(self) -> Complexes:
        """Return the complex coefficients in the order of COMPONENTS."""
        return np.array(
            [
                1,
                self.rho * np.exp(1j * self.rho_phase),
                self.nonresonant * np.exp(1j * self.nonresonant_phase),
            ]
        )


def components(s12: Floats, s23: Floats) -> Complexes:
    """Return the amplitude of each component, without its coefficient: shape (points, 3)."""
    s13 = _SUM_OF_SQUARES - s12 - s23
    # Zemach's tensors of spin 1, for the pair's first particle against the third one
    kstar_spin = s13 - s23 + (M_D**2 - M_PI**2) * (M_PI**2 - M_K**2) / s12
    rho_spin = s12 - s13
    return np.stack(
        [
            kstar_spin * _breit_wigner(s12, KSTAR, M_K, M_PI),
            rho_spin * _breit_wigner(s23, RHO, M_PI, M_PI),
            np.ones_like(s12, dtype=np.complex128),
        ],
        axis=-1,
    )


def s23_limits(s12: Floats) -> tuple[Floats, Floats]:
    """Return the lowest and the highest s23 that a decay with this s12 can have."""
    root = np.sqrt(s12)
    energy_2 = (s12 + M_PI**2 - M_K**2) / (2 * root)
    energy_3 = (M_D**2 - s12 - M_PI**2) / (2 * root)
    momentum_2 = np.sqrt(np.maximum(energy_2**2 - M_PI**2, 0))
    momentum_3 = np.sqrt(np.maximum(energy_3**2 - M_PI**2, 0))
    both = (energy_2 + energy_3) ** 2
    return both - (momentum_2 + momentum_3) ** 2, both - (momentum_2 - momentum_3) ** 2


S12_LIMITS: Final = ((M_K + M_PI) ** 2, (M_D - M_PI) ** 2)
S23_LIMITS: Final = ((2 * M_PI) ** 2, (M_D - M_K) ** 2)


def _breit_wigner(s: Floats, resonance: tuple[float, float], m_a: float, m_b: float) -> Complexes:
    """Return a relativistic Breit-Wigner of spin 1, whose width grows with the phase space."""
    mass, width = resonance
    ratio = _momentum_squared(s, m_a, m_b) / _momentum_squared(np.array(mass**2), m_a, m_b)
    running = width * np.maximum(ratio, 0) ** 1.5 * mass / np.sqrt(s)
    return np.asarray(1 / (mass**2 - s - 1j * mass * running))


def _momentum_squared(s: Floats, m_a: float, m_b: float) -> Floats:
    """Return the squared momentum (GeV^2) of either particle in the rest frame of the pair."""
    return np.asarray((s - (m_a + m_b) ** 2) * (s - (m_a - m_b) ** 2) / (4 * s))
