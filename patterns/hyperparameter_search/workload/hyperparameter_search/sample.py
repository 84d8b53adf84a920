"""The events that the classifier learns from: muon pairs from Z bosons, and pairs from elsewhere.

An event is the pair's mass and transverse momentum. Pairs from Z bosons gather around one mass and
are slower; the others have any mass.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

MASS_GEV = 91.1876
"""The Z boson's mass, Particle Data Group."""

RESOLUTION_GEV = 2.5
"""Width of the peak: the boson's own and the detector's together, taken as a Gaussian."""

WINDOW_GEV = (70.0, 110.0)
SIGNAL_PT_GEV, BACKGROUND_PT_GEV = 15.0, 30.0
"""Mean transverse momenta; both fall exponentially."""


@dataclass(frozen=True)
class Sample:
    """Events: two features each, both of the order of one; +1 is a Z boson, -1 is none."""

    features: NDArray[np.float64]
    labels: NDArray[np.float64]


def generate(seed: int, events: int) -> Sample:
    """Return so many events, half of them from Z bosons, in an order that is drawn too."""
    random = np.random.default_rng(seed)
    signal = events // 2
    background = events - signal
    masses: list[Any] = [random.normal(MASS_GEV, RESOLUTION_GEV, signal)]
    momenta: list[Any] = [random.exponential(SIGNAL_PT_GEV, signal)]
    masses.append(random.uniform(*WINDOW_GEV, background))
    momenta.append(random.exponential(BACKGROUND_PT_GEV, background))
    mass = (np.concatenate(masses) - 90.0) / 10.0
    momentum = np.log1p(np.concatenate(momenta) / 10.0)
    order = random.permutation(events)
    labels = np.concatenate([np.ones(signal), -np.ones(background)])
    return Sample(np.column_stack([mass, momentum])[order], labels[order])
