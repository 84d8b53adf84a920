"""Fit the mass spectrum and tell whether the fit can be trusted."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from iminuit import Minuit
from iminuit.cost import ExtendedBinnedNLL
from numpy.typing import NDArray

from .errors import JobError
from .kinematics import Floats, MuonPairs, invariant_mass
from .model import expected_below
from .reference import (
    BACKGROUND_DECAY_GEV,
    FIT_BINS,
    FIT_WINDOW_GEV,
    RESOLUTION_GEV,
)

# The five parameters cannot be told apart with fewer events than this.
MIN_EVENTS = 500
# A signal yield of fewer standard errors than this is no peak whose mass could be measured.
MIN_SIGNIFICANCE = 5.0


@dataclass(frozen=True)
class Spectrum:
    """A histogram of pair masses: ``counts`` in the bins between ``edges`` (GeV)."""

    counts: NDArray[np.int64]
    edges: Floats

    @property
    def events(self) -> int:
        """The number of events in the window."""
        return int(self.counts.sum())


@dataclass(frozen=True, kw_only=True)
class PeakFit:
    """The fitted parameters with their errors, and how well they describe the spectrum.

    Keys of ``values`` and ``errors``: m_z and sigma (GeV), signal and background (events in
    the window), slope (per GeV). ``chi2`` is the Poisson likelihood ratio to a model that
    meets every bin (Baker and Cousins, 1984), which is distributed as chi2.
    """

    values: Mapping[str, float]
    errors: Mapping[str, float]
    chi2: float
    ndf: int
    problems: tuple[str, ...]

    @property
    def valid(self) -> bool:
        """Whether a peak was found, with accurate errors and no parameter at a limit."""
        return not self.problems


def opposite_sign(pairs: MuonPairs) -> NDArray[np.bool_]:
    """Return which pairs have one positive and one negative muon, shape (events,)."""
    return np.asarray(pairs.charge.astype(np.int64).prod(axis=1) < 0)


def mass_spectrum(pairs: MuonPairs) -> Spectrum:
    """Histogram the masses of the opposite-sign pairs in the fit's window."""
    masses = invariant_mass(pairs)[opposite_sign(pairs)]
    edges = np.linspace(*FIT_WINDOW_GEV, FIT_BINS + 1)
    counts, _ = np.histogram(masses, bins=edges)
    return Spectrum(counts.astype(np.int64), edges)


def fit_peak(spectrum: Spectrum) -> PeakFit:
    """Fit the spectrum by an extended binned maximum-likelihood fit (Minuit, then Hesse).

    Raises JobError when there are too few events to try.
    """
    if spectrum.events < MIN_EVENTS:
        low, high = FIT_WINDOW_GEV
        raise JobError(
            f"{spectrum.events} opposite-sign pairs between {low:g} and {high:g} GeV are too few "
            f"for the fit, which needs {MIN_EVENTS}; raise SIGNAL_EVENTS"
        )
    minuit = Minuit(
        ExtendedBinnedNLL(spectrum.counts, spectrum.edges, expected_below),
        # The highest bin, and not the value known beforehand, is where the search starts.
        m_z=float(spectrum.edges[np.argmax(spectrum.counts)]),
        sigma=RESOLUTION_GEV,
        signal=0.9 * spectrum.events,
        background=0.1 * spectrum.events,
        slope=1 / BACKGROUND_DECAY_GEV,
    )
    minuit.limits["m_z"] = FIT_WINDOW_GEV
    minuit.limits["sigma"] = (0.1, 10.0)
    minuit.limits["signal", "background"] = (0.0, 2.0 * spectrum.events)
    minuit.limits["slope"] = (-1.0, 1.0)
    minuit.migrad()
    minuit.hesse()
    return PeakFit(
        values=minuit.values.to_dict(),
        errors=minuit.errors.to_dict(),
        chi2=float(minuit.fval),
        ndf=len(spectrum.counts) - minuit.nfit,
        problems=_problems(minuit),
    )


def _problems(minuit: Minuit) -> tuple[str, ...]:
    """Say what is wrong with a finished fit; empty when nothing is."""
    found = []
    if not minuit.valid:
        found.append("the minimisation did not converge")
    if not minuit.accurate:
        found.append("the errors are not accurate")
    for parameter in minuit.params:
        low, high = parameter.lower_limit, parameter.upper_limit
        if min(parameter.value - low, high - parameter.value) < 1e-4 * (high - low):
            found.append(f"{parameter.name} is at its limit ({parameter.value:.4g})")
    signal = minuit.params["signal"]
    if signal.value < MIN_SIGNIFICANCE * signal.error:
        found.append(f"there is no peak ({signal.value:.0f} +- {signal.error:.0f} signal events)")
    return tuple(found)
