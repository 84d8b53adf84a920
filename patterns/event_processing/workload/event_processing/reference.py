"""Numbers that the generator, the processor and the smoke test agree on (standard library only).

Masses, momenta and widths are in GeV (natural units, c = 1).
"""

from typing import Final

# Particle Data Group, Review of Particle Physics: Z boson and muon.
Z_MASS_GEV: Final = 91.1876
Z_WIDTH_GEV: Final = 2.4952
MUON_MASS_GEV: Final = 0.1056583755

# The generator: this share of the events has a Z boson that decays to two muons, with masses
# within Z_RANGE_GEV and a Gaussian resolution; the others have muons that belong to nothing.
Z_SHARE: Final = 0.3
Z_RANGE_GEV: Final = (50.0, 130.0)
RESOLUTION_GEV: Final = 1.5
STRAY_MUONS: Final = 1.2
STRAY_PT_GEV: Final = 15.0

# The selection.
MIN_PT_GEV: Final = 10.0
MAX_ETA: Final = 2.4
WINDOW_GEV: Final = (70.0, 110.0)
MASS_BINS: Final = 80

DEFAULT_SEED: Final = 20190901
DEFAULT_FILES: Final = 12
DEFAULT_EVENTS_PER_FILE: Final = 50_000

HISTOGRAM_KEY: Final = "dimuons.json"
SCHEDULER_PORT: Final = 8786
