"""Numbers that the generator, the stages and the smoke test agree on (standard library only).

Masses, momenta and widths are in GeV (natural units, c = 1).
"""

from typing import Final

# Particle Data Group, Review of Particle Physics, 2024: mass of the Higgs boson.
HIGGS_MASS_GEV: Final = 125.2
# The imagined detector: Gaussian resolution of the mass of four leptons.
RESOLUTION_GEV: Final = 1.5
# This share of the events are Higgs bosons; the mass of the others falls from 75 to 180 GeV as
# exp(-m / BACKGROUND_DECAY_GEV).
SIGNAL_SHARE: Final = 0.2
BACKGROUND_RANGE_GEV: Final = (75.0, 180.0)
BACKGROUND_DECAY_GEV: Final = 60.0
# This share of the events has a lepton of the wrong charge, which the selection rejects.
WRONG_CHARGE_SHARE: Final = 0.05

# The selection: leptons that a detector sees.
MIN_PT_GEV: Final = 5.0
MAX_ETA: Final = 2.4

# The histogram of the four-lepton mass, as in CMS' published example with open data (37 bins of
# 3 GeV), and the window around the Higgs boson: four of its bins.
MASS_RANGE_GEV: Final = (70.0, 181.0)
MASS_BINS: Final = 37
WINDOW_GEV: Final = (118.0, 130.0)

DEFAULT_SEED: Final = 20191105
DEFAULT_FILES: Final = 16
DEFAULT_EVENTS_PER_FILE: Final = 50_000

BAD_INPUT_EXIT_CODE: Final = 3
HISTOGRAM_KEY: Final = "histogram.json"

# What the Python interpreter and the libraries of a task take, without its input: 150 MB measured.
BASE_MEMORY_BYTES: Final = 192 * 2**20
