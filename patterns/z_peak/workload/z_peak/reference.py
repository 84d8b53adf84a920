"""Numbers that the generator, the fit and the smoke test agree on (standard library only).

Masses and widths are in GeV (natural units, c = 1).
"""

from math import sqrt
from typing import Final

# Particle Data Group, Review of Particle Physics, Z boson and muon listings:
# https://pdg.lbl.gov/
M_Z_GEV: Final = 91.1876
Z_WIDTH_GEV: Final = 2.4952
MUON_MASS_GEV: Final = 0.1056583755

# The imagined detector: Gaussian resolution of the mass of a muon pair.
RESOLUTION_GEV: Final = 1.5

# Muon pairs are generated with masses in this range. It is 20 GeV (13 resolutions) wider on
# each side than the fit's window, so that the cut-off cannot be felt in the fit.
GENERATED_RANGE_GEV: Final = (50.0, 130.0)
FIT_WINDOW_GEV: Final = (70.0, 110.0)
FIT_BINS: Final = 80

# Background: masses fall as exp(-m / BACKGROUND_DECAY_GEV).
BACKGROUND_DECAY_GEV: Final = 40.0
# This share of the background has two muons of the same charge, which the selection rejects.
SAME_SIGN_SHARE: Final = 0.1

DEFAULT_SEED: Final = 20190622
DEFAULT_SIGNAL_EVENTS: Final = 100_000
DEFAULT_BACKGROUND_EVENTS: Final = 10_000

RESULT_KEY: Final = "results/z-peak.json"
PLOT_KEY: Final = "results/z-peak.png"

# What a good result looks like; the range of the error is that of the default sample. The peak
# is some 2 to 3 GeV wide, so that a hundred thousand Z decays determine the mass to 0.01 GeV.
MAX_PULL: Final = 3.0
M_Z_ERROR_RANGE_GEV: Final = (0.005, 0.02)
# The central 99.99 % of chi2/ndf for the fit's 75 degrees of freedom.
CHI2_PER_NDF_RANGE: Final = (0.48, 1.77)


def sample_key(seed: int, signal_events: int, background_events: int) -> str:
    """Return the sample's object key, the same for the same settings."""
    return f"samples/dimuon-seed{seed}-s{signal_events}-b{background_events}.root"


def m_z_error_range(signal_events: int) -> tuple[float, float]:
    """Return the lowest and highest plausible error of m_Z in GeV for a sample of that size."""
    scale = sqrt(DEFAULT_SIGNAL_EVENTS / signal_events)
    low, high = M_Z_ERROR_RANGE_GEV
    return low * scale, high * scale
