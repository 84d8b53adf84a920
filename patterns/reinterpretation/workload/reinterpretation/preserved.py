"""What was kept of the search: its statistical model, its data, and what a signal is binned in."""

import json
from dataclasses import dataclass
from importlib.resources import files
from typing import Any, Final

import numpy as np

from .signal import Floats

REGION: Final = "high_mass"
"""The region that a signal is added to."""

SIGNAL_MODIFIERS: Final[list[dict[str, Any]]] = [
    {"name": "mu", "type": "normfactor", "data": None},
    {"name": "luminosity", "type": "normsys", "data": {"hi": 1.017, "lo": 0.983}},
    {"name": "muon_efficiency", "type": "normsys", "data": {"hi": 1.02, "lo": 0.98}},
]
"""What a signal's rate depends on: its own strength, and two systematics of the search."""


@dataclass(frozen=True)
class Search:
    """The preserved search; luminosity in inverse femtobarn."""

    luminosity_fb: float
    bins_gev: Floats
    workspace: dict[str, Any]


def search() -> Search:
    """Read it from the file beside this module."""
    text = files(__package__).joinpath("preserved_analysis.json").read_text(encoding="utf-8")
    kept = json.loads(text)
    return Search(kept["luminosity_fb"], np.array(kept["bins_gev"]), kept["workspace"])


def patch(of: Search, expected: Floats) -> list[dict[str, Any]]:
    """Return the JSON patch (RFC 6902) that adds a signal of so many events to the workspace."""
    names = [each["name"] for each in of.workspace["channels"]]
    return [
        {
            "op": "add",
            "path": f"/channels/{names.index(REGION)}/samples/-",
            "value": {
                "name": "signal",
                "data": [float(each) for each in expected],
                "modifiers": SIGNAL_MODIFIERS,
            },
        }
    ]
