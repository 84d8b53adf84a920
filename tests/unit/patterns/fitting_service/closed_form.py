"""CLs of a counting experiment in closed form, from arXiv:1007.1727 and without pyhf.

One bin with a known background: the likelihood has a single parameter and the best fit is
(events - background) / signal, so that q-tilde needs no minimiser.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from statistics import NormalDist

_PHI = NormalDist().cdf
SIGMAS = (2, 1, 0, -1, -2)
"""Fluctuations in the order of pyhf's expected values, the smallest CLs first."""


@dataclass(frozen=True)
class CountingExperiment:
    signal: float
    background: float
    events: float

    def cls_obs(self, mu: float) -> float:
        observed = math.sqrt(self._q(mu, self.events))
        asimov = math.sqrt(self._q(mu, self.background))
        if observed <= asimov:
            shift = observed - asimov
        else:
            shift = (observed**2 - asimov**2) / (2 * asimov)
        return _PHI(-shift - asimov) / _PHI(-shift)

    def cls_exp(self, mu: float) -> list[float]:
        asimov = math.sqrt(self._q(mu, self.background))
        return [_PHI(-n - asimov) / _PHI(-n) for n in SIGMAS]

    def limit_obs(self) -> float:
        return _crossing(self.cls_obs)

    def limits_exp(self) -> list[float]:
        def expected(index: int) -> Callable[[float], float]:
            return lambda mu: self.cls_exp(mu)[index]

        return [_crossing(expected(index)) for index in range(len(SIGMAS))]

    def _q(self, mu: float, events: float) -> float:
        best = max(0.0, (events - self.background) / self.signal)
        if best > mu:
            return 0.0
        return 2 * (self._log_likelihood(best, events) - self._log_likelihood(mu, events))

    def _log_likelihood(self, mu: float, events: float) -> float:
        expected = mu * self.signal + self.background
        return events * math.log(expected) - expected


def _crossing(cls: Callable[[float], float]) -> float:
    """Where CLs falls through 0.05, by bisection."""
    low, high = 1e-9, 1e4
    for _ in range(200):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if cls(middle) > 0.05 else (low, middle)
    return low
