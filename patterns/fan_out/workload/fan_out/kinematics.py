"""Four leptons and the mass of what they came from; leptons count as massless."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating]


@dataclass(frozen=True)
class Leptons:
    """The leptons of many events: arrays of the shape (events, 4).

    `pt` is the momentum across the beam in GeV, `eta` the pseudorapidity, `phi` the azimuth in
    radians, `charge` +1 or -1.
    """

    pt: Floats
    eta: Floats
    phi: Floats
    charge: NDArray[np.int8]

    def __len__(self) -> int:
        return len(self.pt)


def masses(leptons: Leptons) -> NDArray[np.float64]:
    """Return the invariant mass of each event's four leptons in GeV, in double precision."""
    pt, eta, phi = (each.astype(np.float64) for each in (leptons.pt, leptons.eta, leptons.phi))
    energy = (pt * np.cosh(eta)).sum(axis=1)
    px, py = (pt * np.cos(phi)).sum(axis=1), (pt * np.sin(phi)).sum(axis=1)
    pz = (pt * np.sinh(eta)).sum(axis=1)
    squared = energy**2 - px**2 - py**2 - pz**2
    return np.asarray(np.sqrt(np.maximum(squared, 0.0)))
