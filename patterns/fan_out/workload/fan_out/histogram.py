"""What a task makes of its events: whole numbers, so that the order of adding changes nothing."""

import hashlib
import json
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from .kinematics import Leptons, masses
from .reference import MASS_BINS, MASS_RANGE_GEV, MAX_ETA, MIN_PT_GEV, WINDOW_GEV

BIN_WIDTH_GEV = (MASS_RANGE_GEV[1] - MASS_RANGE_GEV[0]) / MASS_BINS


def selected(leptons: Leptons) -> NDArray[np.bool_]:
    """Tell which events are used: four visible leptons, with charges that cancel."""
    visible = (leptons.pt > MIN_PT_GEV) & (np.abs(leptons.eta) < MAX_ETA)
    neutral = leptons.charge.astype(np.int64).sum(axis=1) == 0
    return np.asarray(visible.all(axis=1) & neutral)


def counts(leptons: Leptons) -> list[int]:
    """Return the histogram of the four-lepton mass: one count a bin."""
    chosen = masses(leptons)[selected(leptons)]
    found, _ = np.histogram(chosen, bins=MASS_BINS, range=MASS_RANGE_GEV)
    return [int(each) for each in found]


def added(histograms: Iterable[Sequence[int]]) -> list[int]:
    """Return the sum of histograms."""
    total = [0] * MASS_BINS
    for each in histograms:
        total = [one + other for one, other in zip(total, each, strict=True)]
    return total


def in_window(histogram: Sequence[int]) -> int:
    """Return the events around the Higgs boson's mass."""
    first, last = (round((edge - MASS_RANGE_GEV[0]) / BIN_WIDTH_GEV) for edge in WINDOW_GEV)
    return sum(histogram[first:last])


def sha256(histogram: Sequence[int]) -> str:
    """Return a SHA-256 of the counts, written as a JSON list without spaces."""
    return hashlib.sha256(json.dumps(list(histogram), separators=(",", ":")).encode()).hexdigest()


def as_number(digest: str) -> int:
    """Return the first 48 bits of a SHA-256, which a number in JSON holds exactly."""
    return int(digest[:12], 16)
