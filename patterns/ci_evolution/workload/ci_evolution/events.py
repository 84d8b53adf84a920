"""The data that both revisions analyse: muon pairs, as a detector would measure them."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

M_Z_GEV = 91.1876
WIDTH_GEV = 2.5
"""The peak: a Gaussian."""

BACKGROUND = 0.15
BACKGROUND_RANGE_GEV = (60.0, 130.0)
BACKGROUND_SCALE_GEV = 40.0
"""The share of other pairs: a falling exponential between two masses."""

SOFTEST_GEV = 10.0
PT_SCALE_GEV = 15.0
"""The transverse momentum of the softer muon: an exponential from the softest upwards."""

LOSS_GEV = 0.2
"""What a muon loses in the material before it is measured; the mass shrinks as the momentum."""


@dataclass(frozen=True)
class Events:
    """Pairs as measured: their mass, and the transverse momentum of the softer muon, in GeV."""

    mass: Floats
    pt: Floats


def generate(seed: int, events: int) -> Events:
    """Return so many pairs."""
    random = np.random.default_rng(seed)
    is_background = random.random(events) < BACKGROUND
    peak = random.normal(M_Z_GEV, WIDTH_GEV, events)
    low, high = BACKGROUND_RANGE_GEV
    share = 1 - np.exp(-(high - low) / BACKGROUND_SCALE_GEV)
    falling = low - BACKGROUND_SCALE_GEV * np.log(1 - share * random.random(events))
    pt = SOFTEST_GEV + random.exponential(PT_SCALE_GEV, events)
    mass = np.where(is_background, falling, peak)
    return Events(mass=mass * (1 - LOSS_GEV / pt), pt=pt - LOSS_GEV)
