"""The expected numbers once more: plain uproot and numpy, an event at a time."""

from __future__ import annotations

import hashlib
import io
import math

import numpy as np
import pytest
import uproot

from patterns.event_processing.reference import EXPECTED
from patterns.event_processing.workload.event_processing.generate import generate, z_masses
from patterns.event_processing.workload.event_processing.inputs import Input
from patterns.event_processing.workload.event_processing.rootfile import to_root
from patterns.event_processing.workload.event_processing.work import analysed
from tests.unit.patterns.event_processing.conftest import MemoryStore

pytestmark = pytest.mark.volume


def plain(data: bytes) -> list[float]:
    """Return the masses in GeV of the pairs that the analysis selects."""
    with uproot.open(io.BytesIO(data)) as file:
        arrays = file["Events"].arrays(library="np")
    masses = []
    for pt, eta, phi, mass, charge in zip(
        *(arrays[f"Muon_{name}"] for name in ("pt", "eta", "phi", "mass", "charge")), strict=True
    ):
        seen = (pt > 10) & (np.abs(eta) < 2.4)
        if seen.sum() != 2 or charge[seen].sum() != 0:
            continue
        p, e, f, m = (each[seen].astype(np.float64) for each in (pt, eta, phi, mass))
        x, y, z = p * np.cos(f), p * np.sin(f), p * np.sinh(e)
        energy = np.sqrt(x**2 + y**2 + z**2 + m**2)
        squared = energy.sum() ** 2 - x.sum() ** 2 - y.sum() ** 2 - z.sum() ** 2
        masses.append(math.sqrt(squared))
    return masses


def test_coffea_finds_what_plain_uproot_finds() -> None:
    data = to_root(generate(3, 1, 5000), 1, 5000)
    store = MemoryStore()
    store.objects["a"] = data
    sha256 = hashlib.sha256(data).hexdigest()
    found = analysed(Input(key="a", sha256=sha256, first_event=5000, events=5000), store)
    masses = plain(data)
    inside = [mass for mass in masses if 70 < mass < 110]
    assert found["opposite_sign"] == len(masses) > 1000
    assert found["in_window"] == len(inside) == sum(found["histogram"])
    # double precision, some thousand additions in another order
    assert found["mass_sum"] == pytest.approx(math.fsum(inside), rel=1e-12)


@pytest.mark.volume
def test_the_numbers_of_the_default_sample_are_those_of_plain_uproot() -> None:
    masses = [
        mass
        for number in range(12)
        for mass in plain(to_root(generate(20190901, number, 50_000), number, number * 50_000))
    ]
    inside = [mass for mass in masses if 70 < mass < 110]
    assert len(masses) == EXPECTED["opposite-sign dimuons"].value
    assert len(inside) == EXPECTED["dimuons from 70 to 110 GeV"].value
    expected = EXPECTED["mean mass (GeV)"]
    assert abs(math.fsum(inside) / len(inside) - expected.value) < expected.tolerance


def test_z_bosons_have_the_mass_that_the_formula_says() -> None:
    masses = z_masses(np.random.default_rng(1), 100_000)
    # the median of a Breit-Wigner cut at 50 and 130 GeV: half the angle between the limits
    low, high = (math.atan(2 * (edge - 91.1876) / 2.4952) for edge in (50, 130))
    median = 91.1876 + 2.4952 / 2 * math.tan((low + high) / 2)
    # the median of so many scatters by sqrt(pi / 2 / N) of a width of 2 GeV: 0.008 GeV
    assert abs(float(np.median(masses)) - median) < 5 * 0.008


def test_muons_of_a_z_boson_have_its_mass() -> None:
    muons = generate(5, 0, 20_000)
    data = to_root(muons, 0, 0)
    with uproot.open(io.BytesIO(data)) as file:
        counts = file["Events"]["nMuon"].array(library="np")
    assert list(counts) == list(muons.counts)
    masses = plain(data)
    near = sum(80 < mass < 100 for mass in masses)
    assert near > 0.75 * len(masses)  # most pairs are Z bosons
