"""Generate decays by accepting and rejecting points that are uniform over the Dalitz plot."""

from dataclasses import dataclass

import numpy as np
from ssl_analysis.errors import AnalysisError

from .amplitude import S12_LIMITS, S23_LIMITS, Coefficients, Floats, components, s23_limits
from .phase_space import quadrature

_BATCH = 50_000
# The highest intensity is looked for at the quadrature's nodes; between them it is little higher.
_MARGIN = 1.1


@dataclass(frozen=True)
class Sample:
    """Decays by their squared masses (GeV^2), and how many points were tried for them."""

    s12: Floats
    s23: Floats
    tried: int


def generate(coefficients: Coefficients, seed: int, events: int) -> Sample:
    """Return so many decays, the same for the same arguments.

    Raises AnalysisError where the intensity is higher than the envelope: the sample would be wrong.
    """
    rng = np.random.default_rng(seed)
    nodes = quadrature()
    ceiling = _MARGIN * float(nodes.intensity(coefficients).max())
    vector = coefficients.vector() / nodes.scale
    kept: list[Floats] = []
    found = tried = 0
    while found < events:
        s12, s23 = rng.uniform(*S12_LIMITS, _BATCH), rng.uniform(*S23_LIMITS, _BATCH)
        chance = ceiling * rng.random(_BATCH)
        low, high = s23_limits(s12)
        inside = (s23 > low) & (s23 < high)
        intensity = np.abs(components(s12[inside], s23[inside]) @ vector) ** 2
        if intensity.max() > ceiling:
            raise AnalysisError(
                f"the intensity {intensity.max():.4g} is above the envelope {ceiling:.4g}, so that "
                "the decays would be generated wrongly; no result is stored"
            )
        accepted = intensity > chance[inside]
        kept.append(np.stack([s12[inside][accepted], s23[inside][accepted]]))
        found += int(accepted.sum())
        tried += _BATCH
    s12, s23 = np.concatenate(kept, axis=1)[:, :events]
    return Sample(s12, s23, tried)
