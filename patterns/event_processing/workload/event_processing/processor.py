"""The analysis as a coffea processor: pairs of muons with opposite charges, and their mass."""

from typing import Any

import awkward as ak
import numpy as np
import vector
from coffea import processor  # type: ignore[import-untyped]

from .reference import MASS_BINS, MAX_ETA, MIN_PT_GEV, WINDOW_GEV


class Dimuons(processor.ProcessorABC):  # type: ignore[misc]  # coffea has no types
    """Counts events, pairs of opposite charges and those in the window, and adds up masses."""

    def process(self, events: Any) -> dict[str, Any]:
        """Return the sums of some events; masses are computed in double precision, in GeV."""
        muons = events.Muon
        muons = muons[(muons.pt > MIN_PT_GEV) & (abs(muons.eta) < MAX_ETA)]
        pairs = muons[ak.num(muons) == 2]
        pairs = pairs[pairs[:, 0].charge != pairs[:, 1].charge]
        momenta = vector.zip(
            {
                name: ak.values_astype(pairs[name], np.float64)
                for name in ("pt", "eta", "phi", "mass")
            }
        )
        mass = ak.to_numpy((momenta[:, 0] + momenta[:, 1]).mass)
        low, high = WINDOW_GEV
        inside = mass[(mass > low) & (mass < high)]
        counts, _ = np.histogram(inside, bins=MASS_BINS, range=WINDOW_GEV)
        return {
            "events": len(events),
            "event_numbers": int(ak.sum(events.event)),
            "opposite_sign": len(mass),
            "in_window": len(inside),
            "mass_sum": float(inside.sum()),
            "histogram": [int(each) for each in counts],
        }

    def postprocess(self, accumulator: Any) -> Any:
        """Return what was accumulated: nothing is left to do."""
        return accumulator
