"""An input as a ROOT file with the branches of CMS' NanoAOD that a dimuon analysis needs.

A tree ``Events`` with ``run``, ``luminosityBlock``, ``event``, ``nMuon`` and ``Muon_pt`` (GeV),
``Muon_eta``, ``Muon_phi`` (radians), ``Muon_mass`` (GeV), ``Muon_charge``.
"""

import io

import awkward as ak
import numpy as np
import uproot

from .generate import Muons
from .reference import MUON_MASS_GEV

TREE = "Events"
_BRANCHES = {
    "run": "uint32",
    "luminosityBlock": "uint32",
    "event": "uint64",
    "Muon": "var * {pt: float32, eta: float32, phi: float32, mass: float32, charge: int32}",
}


def to_root(muons: Muons, file: int, first: int) -> bytes:
    """Return events, numbered from `first`, as the bytes of a ROOT file."""
    events = len(muons.counts)
    each = ak.zip(
        {
            "pt": muons.pt,
            "eta": muons.eta,
            "phi": muons.phi,
            "mass": np.full(len(muons.pt), MUON_MASS_GEV, dtype=np.float32),
            "charge": muons.charge,
        }
    )
    buffer = io.BytesIO()
    with uproot.recreate(buffer) as root:
        root.mktree(TREE, _BRANCHES)
        root[TREE].extend(
            {
                "run": np.ones(events, dtype=np.uint32),
                "luminosityBlock": np.full(events, file + 1, dtype=np.uint32),
                "event": np.arange(first, first + events, dtype=np.uint64),
                "Muon": ak.unflatten(each, muons.counts),
            }
        )
        return buffer.getvalue()
