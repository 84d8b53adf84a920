"""pyhf's documented two-bin example, the workspace that every page of this service shows."""

from typing import Any

TWO_BIN_WORKSPACE: dict[str, Any] = {
    "channels": [
        {
            "name": "singlechannel",
            "samples": [
                {
                    "name": "signal",
                    "data": [12.0, 11.0],
                    "modifiers": [{"name": "mu", "type": "normfactor", "data": None}],
                },
                {
                    "name": "background",
                    "data": [50.0, 52.0],
                    "modifiers": [
                        {"name": "uncorr_bkguncrt", "type": "shapesys", "data": [3.0, 7.0]}
                    ],
                },
            ],
        }
    ],
    "observations": [{"name": "singlechannel", "data": [51.0, 48.0]}],
    "measurements": [{"name": "Measurement", "config": {"poi": "mu", "parameters": []}}],
    "version": "1.0.0",
}
"""Two bins, 23 signal events on a background of 102, from the README of pyhf 0.7.6.

At mu = 1 its observed CLs is 0.05251497 and the expected ones are 0.00260626, 0.01382005,
0.06445321, 0.23525644 and 0.57303621.
"""

COUNTING_WORKSPACE: dict[str, Any] = {
    "channels": [
        {
            "name": "counting",
            "samples": [
                {
                    "name": "signal",
                    "data": [10.0],
                    "modifiers": [{"name": "mu", "type": "normfactor", "data": None}],
                },
                {"name": "background", "data": [50.0], "modifiers": []},
            ],
        }
    ],
    "observations": [{"name": "counting", "data": [55.0]}],
    "measurements": [{"name": "Measurement", "config": {"poi": "mu", "parameters": []}}],
    "version": "1.0.0",
}
"""The smallest workspace: one bin and no uncertainty, so that it fits within milliseconds."""
