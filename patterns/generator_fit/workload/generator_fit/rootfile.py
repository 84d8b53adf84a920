"""The decays as a ROOT file."""

import io

import numpy as np
import uproot
from ssl_analysis.errors import AnalysisError

from .amplitude import Floats

TREE = "DalitzEventList"


def to_root(s12: Floats, s23: Floats) -> bytes:
    """Return a ROOT file with the squared masses (GeV^2) of every decay."""
    buffer = io.BytesIO()
    with uproot.recreate(buffer) as file:
        file.mktree(TREE, {"s12": np.float64, "s23": np.float64})
        file[TREE].extend({"s12": s12, "s23": s23})
        # Leaving the block closes the buffer; uproot has written everything by now.
        return buffer.getvalue()


def from_root(data: bytes, events: int) -> tuple[Floats, Floats]:
    """Return the squared masses. Raises AnalysisError where the file has not so many decays."""
    try:
        with uproot.open(io.BytesIO(data)) as file:
            found = file[TREE].arrays(["s12", "s23"], library="np")
    except Exception as error:  # uproot raises whatever the broken bytes lead it to
        raise AnalysisError(
            f"the stored decays came back as no ROOT file with {TREE}: {type(error).__name__}"
        ) from error
    if len(found["s12"]) != events:
        raise AnalysisError(f"{len(found['s12'])} decays came back, stored were {events}")
    return found["s12"], found["s23"]
