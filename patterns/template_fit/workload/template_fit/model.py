"""The statistical model: two regions, three processes, and as many systematics as one asks for.

All numbers are expected events. The signal region has two b-tagged jets and is binned in the
mass of three jets, where top quarks peak; the control region has none and holds mostly W bosons,
so that it fixes their rate.
"""

import math
from collections.abc import Callable, Iterator
from typing import Any, Final

import pyhf

TEMPLATES: Final[dict[str, dict[str, tuple[float, ...]]]] = {
    "signal_region": {
        "ttbar": (20.0, 45.0, 90.0, 150.0, 180.0, 150.0, 100.0, 60.0, 35.0, 20.0),
        "w_jets": (160.0, 130.0, 105.0, 85.0, 68.0, 55.0, 44.0, 36.0, 29.0, 23.0),
        "other": (40.0, 36.0, 32.0, 28.0, 25.0, 22.0, 20.0, 18.0, 16.0, 14.0),
    },
    "control_region": {
        "ttbar": (12.0, 10.0, 8.0, 6.0, 4.0),
        "w_jets": (420.0, 330.0, 260.0, 200.0, 150.0),
        "other": (60.0, 48.0, 38.0, 30.0, 24.0),
    },
}
RATES: Final = {"ttbar": "mu", "w_jets": "mu_W"}
"""The free rates, as multiples of what is expected; `other` has none."""

NAMED: Final = 6
"""So many systematics are those below; any further ones are components of the energy scale."""
MOST_SYSTEMATICS: Final = 64

# Relative change of a process' rate by one standard deviation of the systematic.
_RATE_CHANGES: Final[dict[str, dict[tuple[str, str], float]]] = {
    "luminosity": {
        (region, process): 0.017 for region, processes in TEMPLATES.items() for process in processes
    },
    "b_tagging": {
        ("signal_region", "ttbar"): 0.04,
        ("signal_region", "w_jets"): 0.08,
        ("signal_region", "other"): 0.06,
        ("control_region", "ttbar"): -0.10,
        ("control_region", "w_jets"): -0.01,
    },
    "other_rate": {("signal_region", "other"): 0.2, ("control_region", "other"): 0.2},
}
# Relative change at the last bin of a process' histogram, the opposite at the first, a straight
# line between them.
_TILTS: Final[dict[str, dict[tuple[str, str], float]]] = {
    "jet_energy_scale": {
        ("signal_region", "ttbar"): 0.08,
        ("signal_region", "w_jets"): 0.05,
        ("signal_region", "other"): 0.05,
        ("control_region", "ttbar"): 0.05,
        ("control_region", "w_jets"): 0.04,
        ("control_region", "other"): 0.04,
    },
    "ttbar_shape": {("signal_region", "ttbar"): 0.06, ("control_region", "ttbar"): 0.06},
    "w_shape": {("signal_region", "w_jets"): 0.10, ("control_region", "w_jets"): 0.03},
}
_COMPONENT_SIZE: Final = 0.01


def workspace(systematics: int) -> dict[str, Any]:
    """Return the model as a pyhf workspace; its observations are the expected events."""
    channels = [
        {
            "name": region,
            "samples": [
                {
                    "name": process,
                    "data": list(expected),
                    "modifiers": [
                        *_rate(process),
                        *_systematics(region, process, expected, systematics),
                    ],
                }
                for process, expected in processes.items()
            ],
        }
        for region, processes in TEMPLATES.items()
    ]
    observations = [
        {"name": region, "data": [sum(each) for each in zip(*processes.values(), strict=True)]}
        for region, processes in TEMPLATES.items()
    ]
    rates = [{"name": name, "inits": [1.0], "bounds": [[0.0, 5.0]]} for name in RATES.values()]
    return {
        "version": "1.0.0",
        "channels": channels,
        "observations": observations,
        "measurements": [{"name": "rates", "config": {"poi": "mu", "parameters": rates}}],
    }


def model(systematics: int) -> pyhf.Model:
    """Return pyhf's model with so many systematics."""
    return pyhf.Workspace(workspace(systematics)).model()


def _rate(process: str) -> Iterator[dict[str, Any]]:
    if process in RATES:
        yield {"name": RATES[process], "type": "normfactor", "data": None}


def _systematics(
    region: str, process: str, expected: tuple[float, ...], systematics: int
) -> Iterator[dict[str, Any]]:
    """Yield the first so many systematics of one histogram, as pyhf's modifiers."""
    place = (region, process)
    for name in (*_RATE_CHANGES, *_TILTS)[:systematics]:
        if place in _RATE_CHANGES.get(name, {}):
            up = 1 + _RATE_CHANGES[name][place]
            yield {"name": name, "type": "normsys", "data": {"hi": up, "lo": 1 / up}}
        elif place in _TILTS.get(name, {}):
            yield _shape(name, expected, _tilt(_TILTS[name][place]))
    for number in range(NAMED + 1, systematics + 1):
        yield _shape(f"energy_scale_{number}", expected, _component(number))


def _shape(
    name: str, expected: tuple[float, ...], change: Callable[[float], float]
) -> dict[str, Any]:
    """Return a change of shape; `change` is relative, at a place between 0 and 1 in the range."""
    by = [events * change((number + 0.5) / len(expected)) for number, events in enumerate(expected)]
    return {
        "name": name,
        "type": "histosys",
        "data": {
            "hi_data": [events + shift for events, shift in zip(expected, by, strict=True)],
            "lo_data": [events - shift for events, shift in zip(expected, by, strict=True)],
        },
    }


def _tilt(size: float) -> Callable[[float], float]:
    return lambda where: size * (2 * where - 1)


def _component(number: int) -> Callable[[float], float]:
    """Return a wave of its own frequency and phase, so that no two components are the same."""
    frequency, phase = 1 + number % 5, 0.7 * number
    return lambda where: _COMPONENT_SIZE * math.cos(math.pi * frequency * where + phase)
