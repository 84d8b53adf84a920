"""An input as a ROOT file: one tree ``Events`` with four leptons an event and its number.

Branches ``event`` (counted through all files), ``Lepton_pt`` (GeV), ``Lepton_eta``,
``Lepton_phi`` (radians) and ``Lepton_charge``, each of the latter an array of four.
"""

import hashlib
import io
from dataclasses import fields

import numpy as np
import uproot
from numpy.typing import NDArray

from .errors import BadInputError
from .kinematics import Leptons

TREE = "Events"
NUMBER = "event"
_BRANCHES = {field.name: f"Lepton_{field.name}" for field in fields(Leptons)}


def to_root(leptons: Leptons, first: int) -> bytes:
    """Return events, numbered from `first`, as the bytes of a ROOT file.

    ROOT files carry the time of writing, so the bytes of equal events differ.
    """
    buffer = io.BytesIO()
    with uproot.recreate(buffer) as file:
        file[TREE] = {
            NUMBER: np.arange(first, first + len(leptons), dtype=np.uint64),
            **{branch: getattr(leptons, name) for name, branch in _BRANCHES.items()},
        }
        # Leaving the block closes the buffer; uproot has written everything by now.
        return buffer.getvalue()


def from_root(key: str, data: bytes) -> tuple[Leptons, NDArray[np.uint64]]:
    """Return the events of a file and their numbers.

    Raises BadInputError naming the `key` when the bytes are not such a file.
    """
    try:
        with uproot.open(io.BytesIO(data)) as file:
            arrays = file[TREE].arrays([NUMBER, *_BRANCHES.values()], library="np")
    except Exception as error:  # damaged bytes make uproot raise whatever they lead to
        raise BadInputError(
            f"{key} is not a ROOT file with a tree {TREE} of four-lepton events: "
            f"{type(error).__name__}: {str(error).strip().partition(chr(10))[0]}"
        ) from error
    leptons = Leptons(**{name: arrays[branch] for name, branch in _BRANCHES.items()})
    return leptons, arrays[NUMBER]


def content_sha256(leptons: Leptons) -> str:
    """Return a SHA-256 of the events themselves, little-endian, one branch after another."""
    digest = hashlib.sha256()
    for name in _BRANCHES:
        array = getattr(leptons, name)
        digest.update(np.ascontiguousarray(array, dtype=array.dtype.newbyteorder("<")).tobytes())
    return digest.hexdigest()
