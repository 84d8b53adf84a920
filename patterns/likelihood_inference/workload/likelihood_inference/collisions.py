"""The generator, and the exact likelihood ratio of what it generates.

A collision has an energy e (exponential, in units of its mean) and a cosine c (uniform). New
physics of strength theta adds an amplitude to that of the known one, so that the rate is multiplied
by |1 + theta e (c + i k)|^2: a term linear in theta, the interference, and a quadratic one.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

PHASE: Final = 0.5
"""k, which keeps the rate above zero everywhere."""
LARGEST_THETA: Final = 1.0


@dataclass(frozen=True)
class Collisions:
    """What is observed: energies and cosines, one of each a collision."""

    energy: Floats
    cosine: Floats

    def __len__(self) -> int:
        return len(self.energy)


def log_ratio(collisions: Collisions, theta: float | Floats) -> Floats:
    """Return the exact log p(collision | theta) - log p(collision | 0)."""
    e, c = collisions.energy, collisions.cosine
    rate = (1 + theta * e * c) ** 2 + (PHASE * theta * e) ** 2
    # the mean of e^2 is 2, that of c^2 is 1/3
    norm = 1 + 2 * np.square(theta) * (1 / 3 + PHASE**2)
    return np.asarray(np.log(rate / norm))


def generate(rng: np.random.Generator, theta: Floats) -> Collisions:
    """Return one collision for each theta, by accepting and rejecting.

    With c = 1 the rate is at its highest: 1 + 2 a e + a^2 e^2 (1 + k^2) for a = |theta|. That times
    the exponential is a sum of gamma distributions, from which energies are drawn.
    """
    energy, cosine = np.empty(len(theta)), np.empty(len(theta))
    left = np.arange(len(theta))
    while len(left):
        now = theta[left]
        size = np.abs(now)
        parts = np.stack([np.ones_like(size), 2 * size, 2 * size**2 * (1 + PHASE**2)])
        steps = np.cumsum(parts, axis=0) / parts.sum(axis=0)
        shape = 1 + (rng.random(len(left)) > steps[:2]).sum(axis=0)
        e, c = rng.gamma(shape), rng.uniform(-1, 1, len(left))
        ceiling = 1 + 2 * size * e + size**2 * e**2 * (1 + PHASE**2)
        rate = (1 + now * e * c) ** 2 + (PHASE * now * e) ** 2
        accepted = rng.random(len(left)) * ceiling < rate
        energy[left[accepted]], cosine[left[accepted]] = e[accepted], c[accepted]
        left = left[~accepted]
    return Collisions(energy, cosine)
