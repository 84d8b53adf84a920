"""The generated sample has the masses, charges and momenta it is said to have."""

import io

import numpy as np
import pytest
import uproot
from scipy import stats

from patterns.z_peak.workload.z_peak.errors import JobError
from patterns.z_peak.workload.z_peak.generate import generate
from patterns.z_peak.workload.z_peak.kinematics import (
    MuonPairs,
    Parents,
    decay_to_muons,
    invariant_mass,
)
from patterns.z_peak.workload.z_peak.reference import MUON_MASS_GEV
from patterns.z_peak.workload.z_peak.rootfile import content_sha256, from_root, to_root


def test_signal_masses_are_a_breit_wigner_with_gaussian_resolution() -> None:
    masses = invariant_mass(generate(1, 50_000, 0))
    # The convolution, by adding random numbers of the two distributions with another generator.
    rng = np.random.Generator(np.random.MT19937(2))
    cauchy = stats.cauchy(loc=91.1876, scale=2.4952 / 2).rvs(500_000, random_state=rng)
    cauchy = cauchy[(cauchy > 50) & (cauchy < 130)]
    smeared = cauchy + stats.norm(scale=1.5).rvs(len(cauchy), random_state=rng)
    assert stats.ks_2samp(masses, smeared).pvalue > 0.001


def test_background_masses_are_an_exponential_between_50_and_130_gev() -> None:
    masses = invariant_mass(generate(1, 0, 50_000))
    assert masses.min() == pytest.approx(50, abs=0.1)
    assert masses.max() == pytest.approx(130, abs=0.1)
    expected = stats.truncexpon(b=80 / 40, loc=50, scale=40)
    assert stats.kstest(masses, expected.cdf).pvalue > 0.001


def test_charges_are_opposite_but_for_a_tenth_of_the_background() -> None:
    signal = generate(1, 10_000, 0)
    assert set(np.unique(signal.charge)) == {-1, 1}
    assert (signal.charge.sum(axis=1) == 0).all()
    assert abs(signal.charge[:, 0].mean()) < 0.05  # neither muon is always the positive one
    background = generate(1, 0, 10_000)
    same_sign = int((background.charge.sum(axis=1) != 0).sum())
    assert stats.binomtest(same_sign, 10_000, 0.1).pvalue > 0.001


def test_signal_and_background_are_shuffled() -> None:
    pairs = generate(1, 5_000, 5_000)
    near_peak = np.abs(invariant_mass(pairs) - 91.2) < 3
    first, second = near_peak[:5_000].sum(), near_peak[5_000:].sum()
    assert abs(int(first) - int(second)) < 5 * np.sqrt(near_peak.sum())


def test_the_sample_depends_on_the_seed_alone() -> None:
    assert content_sha256(generate(1, 900, 100)) == content_sha256(generate(1, 900, 100))
    assert content_sha256(generate(1, 900, 100)) != content_sha256(generate(2, 900, 100))


def test_a_parent_at_rest_decays_back_to_back() -> None:
    at_rest = Parents(*(np.array([value]) for value in (91.0, 0.0, 0.0, 0.0)))
    pt, eta, phi = decay_to_muons(at_rest, cos_theta=np.array([0.0]), azimuth=np.array([0.5]))
    momentum = np.sqrt(45.5**2 - MUON_MASS_GEV**2)
    np.testing.assert_allclose(pt, [[momentum, momentum]])
    np.testing.assert_allclose(eta, 0, atol=1e-12)
    np.testing.assert_allclose(phi, [[0.5, 0.5 - np.pi]])


def test_the_muons_have_the_parents_mass_and_momentum() -> None:
    rng = np.random.default_rng(3)
    n = 2_000
    parents = Parents(
        mass=rng.uniform(20, 200, n),
        pt=rng.exponential(30, n),
        rapidity=rng.normal(0, 2, n),
        phi=rng.uniform(-np.pi, np.pi, n),
    )
    pt, eta, phi = decay_to_muons(parents, rng.uniform(-1, 1, n), rng.uniform(-np.pi, np.pi, n))
    total = (pt * np.exp(1j * phi)).sum(axis=1)
    np.testing.assert_allclose(total, parents.pt * np.exp(1j * parents.phi), atol=1e-8)
    pz = (pt * np.sinh(eta)).sum(axis=1)
    expected_pz = np.hypot(parents.mass, parents.pt) * np.sinh(parents.rapidity)
    np.testing.assert_allclose(pz, expected_pz, rtol=1e-7, atol=1e-7)
    pairs = MuonPairs(
        pt.astype(np.float32),
        eta.astype(np.float32),
        phi.astype(np.float32),
        np.ones((n, 2), dtype=np.int8),
    )
    # 1e-5 of 91 GeV is a tenth of the error of the fitted mass.
    np.testing.assert_allclose(invariant_mass(pairs), parents.mass, rtol=1e-5)


def test_the_root_file_has_two_muons_an_event_and_reads_back_the_same() -> None:
    pairs = generate(1, 900, 100)
    data = to_root(pairs)
    assert data.startswith(b"root")
    with uproot.open(io.BytesIO(data)) as file:
        tree = file["Events"]
        assert tree.num_entries == 1000
        assert {name: branch.typename for name, branch in tree.iteritems()} == {
            "Muon_pt": "std::array<float,2>",
            "Muon_eta": "std::array<float,2>",
            "Muon_phi": "std::array<float,2>",
            "Muon_charge": "std::array<std::int8_t,2>",
        }
    again = from_root(data)
    np.testing.assert_array_equal(again.pt, pairs.pt)
    np.testing.assert_array_equal(again.charge, pairs.charge)
    assert content_sha256(again) == content_sha256(pairs)


@pytest.mark.parametrize("data", [b"", b"<html>not found</html>", b"root" + bytes(400)])
def test_something_else_than_the_sample_is_refused(data: bytes) -> None:
    with pytest.raises(JobError, match="not a ROOT file with a tree Events"):
        from_root(data)
