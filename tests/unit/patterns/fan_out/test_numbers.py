"""The expected numbers once more: other packages, one plain loop, no code of the tasks'."""

from __future__ import annotations

import hashlib
import io
import json

import awkward as ak
import hist
import pytest
import uproot
import vector

from patterns.fan_out.reference import EXPECTED, HISTOGRAM_SHA256
from patterns.fan_out.workload.fan_out.generate import generate
from patterns.fan_out.workload.fan_out.histogram import counts
from patterns.fan_out.workload.fan_out.rootfile import from_root, to_root


def independent(data: bytes) -> list[int]:
    """Count with vector's four-momenta in awkward arrays, into a histogram of hist's."""
    with uproot.open(io.BytesIO(data)) as file:
        events = file["Events"].arrays(library="ak")
    leptons = vector.zip(
        {
            "pt": ak.values_astype(events.Lepton_pt, "float64"),
            "eta": ak.values_astype(events.Lepton_eta, "float64"),
            "phi": ak.values_astype(events.Lepton_phi, "float64"),
            "mass": ak.zeros_like(events.Lepton_pt, dtype="float64"),
        }
    )
    visible = ak.all((leptons.pt > 5) & (abs(leptons.eta) < 2.4), axis=1)
    neutral = ak.sum(ak.values_astype(events.Lepton_charge, "int64"), axis=1) == 0
    chosen = leptons[visible & neutral]
    total = chosen[:, 0] + chosen[:, 1] + chosen[:, 2] + chosen[:, 3]
    histogram = hist.Hist(hist.axis.Regular(37, 70, 181), storage=hist.storage.Int64())
    histogram.fill(ak.to_numpy(total.mass))
    return [int(each) for each in histogram.values()]


def test_a_task_counts_what_another_program_counts() -> None:
    data = to_root(generate(3, 1, 20_000), 20_000)
    leptons, numbers = from_root("a", data)
    assert (int(numbers[0]), int(numbers[-1])) == (20_000, 39_999)
    assert counts(leptons) == independent(data)


@pytest.mark.volume
def test_the_numbers_of_the_default_sample_are_those_of_another_program() -> None:
    total = [0] * 37
    for number in range(16):
        data = to_root(generate(20191105, number, 50_000), number * 50_000)
        total = [one + other for one, other in zip(total, independent(data), strict=True)]
    text = json.dumps(total).replace(" ", "")
    assert hashlib.sha256(text.encode()).hexdigest() == HISTOGRAM_SHA256
    assert sum(total) == EXPECTED["events in the histogram"].value
    # bins 16 to 19: 70 + 16 * 3 = 118 up to 130 GeV
    assert sum(total[16:20]) == EXPECTED["events from 118 to 130 GeV"].value
