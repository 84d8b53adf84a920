"""Sizes as clouds want them."""

from __future__ import annotations

import math

from sslab.catalogue.quantity import parse_quantity


def gibibytes(quantity: str) -> int:
    """Return a size in whole gibibytes, rounded up: clouds write GB and mean these."""
    return math.ceil(parse_quantity(quantity) / 1024**3)
