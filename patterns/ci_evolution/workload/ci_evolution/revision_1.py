"""Revision 1 of the analysis: the mean mass in a window around the peak."""

import numpy as np

from .events import Events
from .terms import Terms

THRESHOLD_GEV = 20.0
WINDOW_GEV = (81.0, 101.0)


def measure(events: Events) -> Terms:
    """Return the terms of the mean mass of the pairs in the window."""
    low, high = WINDOW_GEV
    inside = (events.pt >= THRESHOLD_GEV) & (events.mass >= low) & (events.mass < high)
    return Terms(numerator=np.where(inside, events.mass, 0.0), denominator=inside.astype(float))
