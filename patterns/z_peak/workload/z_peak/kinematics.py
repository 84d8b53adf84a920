"""Two-body decays and invariant masses, in GeV and radians."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .reference import MUON_MASS_GEV

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class MuonPairs:
    """Pairs of muons; every array has the shape (number of events, 2).

    Transverse momentum ``pt`` in GeV, pseudorapidity ``eta``, azimuth ``phi`` in radians,
    ``charge`` in units of the positron's. Single precision, as experiments store them.
    """

    pt: NDArray[np.float32]
    eta: NDArray[np.float32]
    phi: NDArray[np.float32]
    charge: NDArray[np.int8]

    def __len__(self) -> int:
        """Return the number of events."""
        return len(self.pt)


@dataclass(frozen=True)
class Parents:
    """The decaying particles: mass and transverse momentum in GeV, rapidity, azimuth."""

    mass: Floats
    pt: Floats
    rapidity: Floats
    phi: Floats


def decay_to_muons(
    parents: Parents, cos_theta: Floats, azimuth: Floats
) -> tuple[Floats, Floats, Floats]:
    """Decay each parent to two muons and return their (pt, eta, phi), each of shape (n, 2).

    ``cos_theta`` and ``azimuth`` are the direction of the first muon in the parent's rest
    frame; the second flies the opposite way there. Both are then boosted to the laboratory.
    """
    momentum = np.sqrt(parents.mass**2 / 4 - MUON_MASS_GEV**2)
    sin_theta = np.sqrt(1 - cos_theta**2)
    direction = np.stack([sin_theta * np.cos(azimuth), sin_theta * np.sin(azimuth), cos_theta])
    transverse_mass = np.hypot(parents.mass, parents.pt)
    parent_p = np.stack(
        [
            parents.pt * np.cos(parents.phi),
            parents.pt * np.sin(parents.phi),
            transverse_mass * np.sinh(parents.rapidity),
        ]
    )
    parent_energy = transverse_mass * np.cosh(parents.rapidity)
    muons = [
        _boost(sign * momentum * direction, parents.mass / 2, parent_p, parent_energy, parents.mass)
        for sign in (1, -1)
    ]
    px, py, pz = np.stack(muons, axis=-1)
    pt = np.hypot(px, py)
    return pt, np.arcsinh(pz / pt), np.arctan2(py, px)


def _boost(
    momentum: Floats, energy: Floats, parent_p: Floats, parent_energy: Floats, mass: Floats
) -> Floats:
    """Boost momenta (shape (3, n)) from the parent's rest frame to the laboratory."""
    along = np.sum(parent_p * momentum, axis=0) / (mass * (parent_energy + mass))
    boosted: Floats = momentum + parent_p * (along + energy / mass)
    return boosted


def invariant_mass(pairs: MuonPairs) -> Floats:
    """Return the mass of each muon pair in GeV, shape (number of events,).

    The square root of (sum of energies)^2 - (sum of momenta)^2, in double precision.
    """
    pt, eta, phi = (a.astype(np.float64) for a in (pairs.pt, pairs.eta, pairs.phi))
    px, py, pz = pt * np.cos(phi), pt * np.sin(phi), pt * np.sinh(eta)
    energy = np.sqrt((pt * np.cosh(eta)) ** 2 + MUON_MASS_GEV**2)
    total = [component.sum(axis=1) for component in (px, py, pz)]
    squared = energy.sum(axis=1) ** 2 - sum(component**2 for component in total)
    masses: Floats = np.sqrt(np.maximum(squared, 0.0))
    return masses
