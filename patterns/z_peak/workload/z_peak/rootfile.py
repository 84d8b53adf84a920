"""The sample as a ROOT file: one tree ``Events`` with two muons an event.

Branches ``Muon_pt`` (GeV), ``Muon_eta``, ``Muon_phi`` (radians) and ``Muon_charge``, each an
array of two, named as in the CMS NanoAOD format.
"""

import hashlib
import io
from dataclasses import fields

import numpy as np
import uproot

from .errors import JobError
from .kinematics import MuonPairs

TREE = "Events"
_BRANCHES = {field.name: f"Muon_{field.name}" for field in fields(MuonPairs)}


def to_root(pairs: MuonPairs) -> bytes:
    """Return the pairs as the bytes of a ROOT file.

    ROOT files carry the time of writing, so the bytes of equal samples differ; what is equal
    is their `content_sha256`.
    """
    buffer = io.BytesIO()
    with uproot.recreate(buffer) as file:
        file[TREE] = {branch: getattr(pairs, name) for name, branch in _BRANCHES.items()}
        # Leaving the block closes the buffer; uproot has written everything by now.
        return buffer.getvalue()


def from_root(data: bytes) -> MuonPairs:
    """Read the pairs back. Raises JobError when the bytes are not such a file."""
    try:
        with uproot.open(io.BytesIO(data)) as file:
            arrays = file[TREE].arrays(list(_BRANCHES.values()), library="np")
    except (ValueError, KeyError, OSError) as error:
        raise JobError(f"the sample is not a ROOT file with a tree {TREE}: {error}") from error
    return MuonPairs(**{name: arrays[branch] for name, branch in _BRANCHES.items()})


def content_sha256(pairs: MuonPairs) -> str:
    """Return a SHA-256 of the numbers themselves, little-endian, one field after another."""
    digest = hashlib.sha256()
    for name in _BRANCHES:
        array = getattr(pairs, name)
        digest.update(np.ascontiguousarray(array, dtype=array.dtype.newbyteorder("<")).tobytes())
    return digest.hexdigest()
