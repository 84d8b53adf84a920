"""The new model: a resonance that decays into two muons, its collisions, and what is seen of them.

Momenta and masses are in GeV. Muons have no mass, and the resonance no transverse momentum.
"""

import io
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

WIDTH_SHARE: Final = 0.03
"""The resonance's width as a share of its mass (a Breit-Wigner), cut off at so many widths."""
CUT_OFF_WIDTHS: Final = 5.0
RAPIDITY_SPREAD: Final = 1.0
"""How far the collisions move along the beam: a Gaussian of the rapidity."""

RESOLUTION: Final = 0.02
"""The relative resolution of the mass."""
EFFICIENCY: Final = 0.95
"""The share of muons that are found."""
LARGEST_ETA: Final = 2.4
SMALLEST_PT_GEV: Final = 30.0


@dataclass(frozen=True)
class Collisions:
    """Decays as they happened: mass, rapidity, and the cosine of the muons' angle at rest."""

    mass: Floats
    rapidity: Floats
    cosine: Floats

    def packed(self) -> bytes:
        """Return them as NumPy's file of arrays."""
        buffer = io.BytesIO()
        np.savez(buffer, mass=self.mass, rapidity=self.rapidity, cosine=self.cosine)
        return buffer.getvalue()

    @classmethod
    def unpacked(cls, data: bytes) -> "Collisions":
        """Return what `packed` has packed."""
        arrays = np.load(io.BytesIO(data), allow_pickle=False)
        return cls(arrays["mass"], arrays["rapidity"], arrays["cosine"])


def generate(seed: int, chunk: int, events: int, mass: float) -> Collisions:
    """Return the decays of one chunk; each has random numbers of its own."""
    random = np.random.default_rng([seed, chunk, 0])
    half_width = WIDTH_SHARE * mass / 2
    # the inverse of the Breit-Wigner's cumulative function, between the cut-offs
    edge = np.arctan(2 * CUT_OFF_WIDTHS)
    return Collisions(
        mass=mass + half_width * np.tan(random.uniform(-edge, edge, events)),
        rapidity=random.normal(0.0, RAPIDITY_SPREAD, events),
        cosine=_cosines(random.uniform(-1.0, 1.0, events)),
    )


def select(collisions: Collisions, seed: int, chunk: int, bins_gev: Floats) -> NDArray[np.int64]:
    """Return how many decays the search finds in each bin of the measured mass."""
    random = np.random.default_rng([seed, chunk, 1])
    eta = np.arctanh(collisions.cosine)
    pt = collisions.mass / 2 * np.sqrt(1 - collisions.cosine**2)
    found = random.random((2, len(pt))) < EFFICIENCY
    inside = np.abs(collisions.rapidity + np.array([eta, -eta])) < LARGEST_ETA
    selected = (found & inside).all(axis=0) & (pt > SMALLEST_PT_GEV)
    measured = collisions.mass * (1 + RESOLUTION * random.standard_normal(len(pt)))
    counts, _ = np.histogram(measured[selected], bins=bins_gev)
    return counts.astype(np.int64)


def _cosines(uniform: Floats) -> Floats:
    """Return cosines distributed as 1 + cos^2: the solution of c^3 + 3 c = 4 u (Cardano)."""
    root = np.cbrt(2 * uniform + np.sqrt(4 * uniform**2 + 1))
    return np.asarray(root - 1 / root)
