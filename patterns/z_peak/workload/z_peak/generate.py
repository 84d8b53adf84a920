"""Generate a sample of muon pairs: Z decays seen by a detector, and background."""

import numpy as np

from .kinematics import Floats, MuonPairs, Parents, decay_to_muons
from .reference import (
    BACKGROUND_DECAY_GEV,
    GENERATED_RANGE_GEV,
    M_Z_GEV,
    RESOLUTION_GEV,
    SAME_SIGN_SHARE,
    Z_WIDTH_GEV,
)

# A plain picture of Z production at a hadron collider: transverse momenta of some 15 GeV,
# rapidities within a few units of zero. The fit does not depend on them.
_PARENT_PT_SHAPE, _PARENT_PT_SCALE_GEV = 2.0, 7.5
_PARENT_RAPIDITY_SPREAD = 1.0


def generate(seed: int, signal_events: int, background_events: int) -> MuonPairs:
    """Return a shuffled sample of muon pairs, the same for the same arguments.

    Signal: non-relativistic Breit-Wigner (Cauchy) of mass M_Z_GEV and full width Z_WIDTH_GEV,
    plus a Gaussian error of RESOLUTION_GEV on the pair's mass (as if the detector had scaled
    both momenta). Background: exponential masses. Both decay isotropically. Signal pairs
    have opposite charges; SAME_SIGN_SHARE of the background pairs have equal ones.
    """
    rng = np.random.default_rng(seed)
    masses = np.concatenate(
        [_signal_masses(rng, signal_events), _background_masses(rng, background_events)]
    )
    events = signal_events + background_events
    is_signal = np.arange(events) < signal_events
    first_charge = rng.choice(np.array([-1, 1], dtype=np.int8), size=events)
    same_sign = ~is_signal & (rng.random(events) < SAME_SIGN_SHARE)
    charge = np.stack([first_charge, np.where(same_sign, first_charge, -first_charge)], axis=1)
    parents = Parents(
        mass=masses,
        pt=rng.gamma(_PARENT_PT_SHAPE, _PARENT_PT_SCALE_GEV, size=events),
        rapidity=rng.normal(0.0, _PARENT_RAPIDITY_SPREAD, size=events),
        phi=rng.uniform(-np.pi, np.pi, size=events),
    )
    pt, eta, phi = decay_to_muons(
        parents,
        cos_theta=rng.uniform(-1.0, 1.0, size=events),
        azimuth=rng.uniform(-np.pi, np.pi, size=events),
    )
    order = rng.permutation(events)
    return MuonPairs(
        pt=pt[order].astype(np.float32),
        eta=eta[order].astype(np.float32),
        phi=phi[order].astype(np.float32),
        charge=charge[order].astype(np.int8),
    )


def _signal_masses(rng: np.random.Generator, events: int) -> Floats:
    """Draw Breit-Wigner masses in the generated range and add the detector's error (GeV)."""
    half_width = Z_WIDTH_GEV / 2
    low, high = np.arctan((np.array(GENERATED_RANGE_GEV) - M_Z_GEV) / half_width)
    true_mass = M_Z_GEV + half_width * np.tan(rng.uniform(low, high, size=events))
    return true_mass + rng.normal(0.0, RESOLUTION_GEV, size=events)


def _background_masses(rng: np.random.Generator, events: int) -> Floats:
    """Draw masses (GeV) from an exponential cut to the generated range."""
    low, high = GENERATED_RANGE_GEV
    kept = -np.expm1((low - high) / BACKGROUND_DECAY_GEV)
    masses: Floats = low - BACKGROUND_DECAY_GEV * np.log1p(-kept * rng.random(events))
    return masses
