"""Revision 2 of the analysis. `CHANGELOG` has all that it does otherwise than revision 1.

Each change can be left out. With all of them left out the analysis is revision 1: that is checked
whenever the two are compared, so that no change stays out of the changelog.
"""

from collections.abc import Collection, Mapping

import numpy as np

from .events import LOSS_GEV, Events
from .terms import Terms

CHANGELOG: Mapping[str, str] = {
    "energy loss": "The momenta are corrected for the 0.2 GeV that a muon loses in the material: "
    "without it the measured mass is too small, the more so the softer the muon.",
    "threshold": "The softer muon needs 25 GeV instead of 20, where the trigger is fully "
    "efficient.",
    "background": "What the sidebands show of other pairs is subtracted in the window: such pairs "
    "pull the mean away from the peak.",
}

THRESHOLD_GEV = {False: 20.0, True: 25.0}
WINDOW_GEV = (81.0, 101.0)
SIDEBANDS_GEV = (71.0, 111.0)
"""From the first to the window, and from the window to the second: together as wide as it is."""


def measure(events: Events, changes: Collection[str] = tuple(CHANGELOG)) -> Terms:
    """Return the terms of the mean mass, with these of the changes."""
    mass, pt = events.mass, events.pt
    if "energy loss" in changes:
        pt = events.pt + LOSS_GEV
        mass = events.mass * pt / events.pt
    selected = pt >= THRESHOLD_GEV["threshold" in changes]
    low, high = WINDOW_GEV
    inside = selected & (mass >= low) & (mass < high)
    numerator, denominator = np.where(inside, mass, 0.0), inside.astype(float)
    if "background" in changes:
        lowest, highest = SIDEBANDS_GEV
        beside = selected & (mass >= lowest) & (mass < highest) & ~inside
        # the mean of a background that is even in the window is the window's middle
        numerator -= np.where(beside, (low + high) / 2, 0.0)
        denominator -= beside
    return Terms(numerator=numerator, denominator=denominator)
