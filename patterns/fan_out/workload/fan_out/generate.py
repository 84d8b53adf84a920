"""The generator: Higgs bosons and background, each decaying to four leptons."""

import numpy as np
from numpy.typing import NDArray

from .kinematics import Leptons
from .reference import (
    BACKGROUND_DECAY_GEV,
    BACKGROUND_RANGE_GEV,
    HIGGS_MASS_GEV,
    RESOLUTION_GEV,
    SIGNAL_SHARE,
    WRONG_CHARGE_SHARE,
)

Doubles = NDArray[np.float64]


def generate(seed: int, file: int, events: int) -> Leptons:
    """Return the events of one file: the same for the same seed and number of the file."""
    random = np.random.default_rng([seed, file])
    mass = parent_masses(random, events)
    # the parent decays to two pairs, each of which decays to two leptons
    first = mass * random.uniform(0.3, 0.7, events)
    second = (mass - first) * random.uniform(0.2, 0.9, events)
    momentum = _two_body(mass, first, second)
    away = momentum[:, None] * _directions(random, events)
    parent = _parent_momenta(random, mass)
    momenta = [
        _boost(lepton, parent)
        for pair_mass, flight in ((first, away), (second, -away))
        for lepton in _pair(random, pair_mass, flight)
    ]
    return _leptons(np.stack(momenta, axis=1), _charges(random, events))


def parent_masses(random: np.random.Generator, events: int) -> Doubles:
    """Draw masses in GeV: a Gaussian peak over an exponential between two limits."""
    low, high = BACKGROUND_RANGE_GEV
    depth = -np.expm1(-(high - low) / BACKGROUND_DECAY_GEV)
    background = low - BACKGROUND_DECAY_GEV * np.log1p(-depth * random.random(events))
    signal = random.normal(HIGGS_MASS_GEV, RESOLUTION_GEV, events)
    return np.where(random.random(events) < SIGNAL_SHARE, signal, background)


def _two_body(mass: Doubles, first: Doubles, second: Doubles) -> Doubles:
    """Return the momentum in GeV of two parts of a mass, where it is at rest."""
    plus, minus = (first + second) ** 2, (first - second) ** 2
    return np.asarray(np.sqrt((mass**2 - plus) * (mass**2 - minus)) / (2 * mass))


def _directions(random: np.random.Generator, events: int) -> Doubles:
    cosine = random.uniform(-1, 1, events)
    azimuth = random.uniform(-np.pi, np.pi, events)
    sine = np.sqrt(1 - cosine**2)
    return np.stack([sine * np.cos(azimuth), sine * np.sin(azimuth), cosine], axis=1)


def _parent_momenta(random: np.random.Generator, mass: Doubles) -> Doubles:
    """Return four-momenta (E, x, y, z): transverse momentum 20 GeV on average, rapidity 0 +- 1."""
    pt = random.exponential(20.0, len(mass))
    azimuth, rapidity = random.uniform(-np.pi, np.pi, len(mass)), random.normal(0, 1, len(mass))
    transverse = np.sqrt(mass**2 + pt**2)
    return np.stack(
        [
            transverse * np.cosh(rapidity),
            pt * np.cos(azimuth),
            pt * np.sin(azimuth),
            transverse * np.sinh(rapidity),
        ],
        axis=1,
    )


def _pair(random: np.random.Generator, mass: Doubles, momentum: Doubles) -> list[Doubles]:
    """Return the four-momenta of two massless leptons from a pair with a mass and momentum."""
    half = (mass / 2)[:, None]
    direction = _directions(random, len(mass))
    energy = np.sqrt(mass**2 + (momentum**2).sum(axis=1))
    pair = np.concatenate([energy[:, None], momentum], axis=1)
    return [
        _boost(np.concatenate([half, sign * half * direction], axis=1), pair) for sign in (1, -1)
    ]


def _boost(particle: Doubles, frame: Doubles) -> Doubles:
    """Return four-momenta as they are seen where their frame's own four-momentum is `frame`."""
    beta = frame[:, 1:] / frame[:, :1]
    squared = (beta**2).sum(axis=1)
    gamma = 1 / np.sqrt(1 - squared)
    along = (beta * particle[:, 1:]).sum(axis=1)
    # gamma^2 / (gamma + 1) is (gamma - 1) / beta^2 without a division by zero at rest
    push = (gamma**2 / (gamma + 1) * along + gamma * particle[:, 0])[:, None]
    energy = (gamma * (particle[:, 0] + along))[:, None]
    return np.concatenate([energy, particle[:, 1:] + push * beta], axis=1)


def _charges(random: np.random.Generator, events: int) -> NDArray[np.int8]:
    charges = np.tile(np.array([1, -1, 1, -1], dtype=np.int8), (events, 1))
    wrong = random.random(events) < WRONG_CHARGE_SHARE
    charges[wrong, 0] = -1
    return charges


def _leptons(momenta: Doubles, charges: NDArray[np.int8]) -> Leptons:
    """Return what a detector stores of four-momenta (events, leptons, 4): single precision."""
    x, y, z = momenta[..., 1], momenta[..., 2], momenta[..., 3]
    pt = np.hypot(x, y)
    return Leptons(
        pt=pt.astype(np.float32),
        eta=np.arcsinh(z / pt).astype(np.float32),
        phi=np.arctan2(y, x).astype(np.float32),
        charge=charges,
    )
