"""The numbers that the smoke test expects of the default sample."""

from __future__ import annotations

from patterns.fan_out.workload.fan_out.reference import (
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

# Counted in one plain process, one file after another, by the packages uproot, vector and hist:
# tests/unit/patterns/fan_out/test_numbers.py does so again. The seed fixes every event, and they
# are whole numbers: nothing may differ.
HISTOGRAM_SHA256 = "c8fb94903b9d794648239390fc63ee40cbab31de30bb6abba757c61b4704e514"
EXPECTED = {
    "events in the histogram": Expected(value=487_887, tolerance=0),
    "events from 118 to 130 GeV": Expected(value=145_755, tolerance=0),
    # a number in JSON holds no more of it exactly
    "histogram (48 bits of its SHA-256)": Expected(
        value=int(HISTOGRAM_SHA256[:12], 16), tolerance=0
    ),
}
