"""The generator: Z bosons that decay to two muons, and muons that belong to nothing."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .reference import (
    MUON_MASS_GEV,
    RESOLUTION_GEV,
    STRAY_MUONS,
    STRAY_PT_GEV,
    Z_MASS_GEV,
    Z_RANGE_GEV,
    Z_SHARE,
    Z_WIDTH_GEV,
)

Doubles = NDArray[np.float64]


@dataclass(frozen=True)
class Muons:
    """The muons of many events, one event after another; `counts` says how many each has.

    `pt` (GeV), `eta`, `phi` (radians) and `charge`; within an event by falling `pt`.
    """

    counts: NDArray[np.int64]
    pt: NDArray[np.float32]
    eta: NDArray[np.float32]
    phi: NDArray[np.float32]
    charge: NDArray[np.int32]


def generate(seed: int, file: int, events: int) -> Muons:
    """Return the events of one file: the same for the same seed and number of the file."""
    random = np.random.default_rng([seed, file])
    has_z = random.random(events) < Z_SHARE
    bosons = int(has_z.sum())
    strays = np.where(has_z, 0, random.poisson(STRAY_MUONS, events))
    counts = np.where(has_z, 2, strays)
    momenta = _z_muons(random, z_masses(random, bosons))
    owner_z = np.repeat(np.flatnonzero(has_z), 2)
    owner_stray = np.repeat(np.arange(events), strays)
    number = len(owner_stray)
    owner = np.concatenate([owner_z, owner_stray])
    pt = np.concatenate([momenta[0], random.exponential(STRAY_PT_GEV, number) + 3.0])
    eta = np.concatenate([momenta[1], random.normal(0, 1.2, number)])
    phi = np.concatenate([momenta[2], random.uniform(-np.pi, np.pi, number)])
    charge = np.concatenate([np.tile([1, -1], bosons), random.choice([-1, 1], number)])
    order = np.lexsort((-pt, owner))
    return Muons(
        counts=counts.astype(np.int64),
        pt=pt[order].astype(np.float32),
        eta=eta[order].astype(np.float32),
        phi=phi[order].astype(np.float32),
        charge=charge[order].astype(np.int32),
    )


def z_masses(random: np.random.Generator, number: int) -> Doubles:
    """Draw masses in GeV: a Breit-Wigner between two limits, with the detector's resolution."""
    low, high = (2 * (edge - Z_MASS_GEV) / Z_WIDTH_GEV for edge in Z_RANGE_GEV)
    angle = random.uniform(np.arctan(low), np.arctan(high), number)
    true = Z_MASS_GEV + Z_WIDTH_GEV / 2 * np.tan(angle)
    return np.asarray(true + random.normal(0, RESOLUTION_GEV, number))


def _z_muons(random: np.random.Generator, mass: Doubles) -> tuple[Doubles, Doubles, Doubles]:
    """Return pt, eta and phi of two muons for each mass, one pair after another."""
    number = len(mass)
    cosine = random.uniform(-1, 1, number)
    azimuth = random.uniform(-np.pi, np.pi, number)
    sine, momentum = np.sqrt(1 - cosine**2), np.sqrt(mass**2 / 4 - MUON_MASS_GEV**2)
    at_rest = momentum * np.stack([sine * np.cos(azimuth), sine * np.sin(azimuth), cosine])
    pt = random.exponential(15.0, number)
    direction, rapidity = random.uniform(-np.pi, np.pi, number), random.normal(0, 1, number)
    transverse = np.sqrt(mass**2 + pt**2)
    boson = np.stack(
        [pt * np.cos(direction), pt * np.sin(direction), transverse * np.sinh(rapidity)]
    )
    energy = transverse * np.cosh(rapidity)
    # the boost from the boson's rest to the laboratory, for either muon
    muons = []
    for sign in (1, -1):
        along = sign * (boson * at_rest).sum(axis=0)
        muons.append(sign * at_rest + boson * (along / (energy + mass) + mass / 2) / mass)
    x, y, z = np.stack(muons, axis=-1).reshape(3, -1)
    across = np.hypot(x, y)
    return across, np.arcsinh(z / across), np.arctan2(y, x)
