"""The numbers that the smoke test expects of the default sample."""

from __future__ import annotations

from patterns.event_processing.workload.event_processing.reference import (
    DEFAULT_EVENTS_PER_FILE,
    DEFAULT_FILES,
    DEFAULT_SEED,
)
from sslab.checks.outcome import Expected

DEFAULT_SAMPLE = {
    "seed": DEFAULT_SEED,
    "files": DEFAULT_FILES,
    "events_per_file": DEFAULT_EVENTS_PER_FILE,
}

# Computed by plain uproot and numpy in one process, file by file, without coffea, Dask or vector:
# tests/unit/patterns/event_processing/test_numbers.py does so again. Numbers of events are exact;
# the mean depends on the order of additions at 1e-12.
EXPECTED = {
    "events": Expected(value=600_000, tolerance=0),
    "opposite-sign dimuons": Expected(value=180_367, tolerance=0),
    "dimuons from 70 to 110 GeV": Expected(value=154_403, tolerance=0),
    "mean mass (GeV)": Expected(value=91.018241686845, tolerance=1e-9),
}
