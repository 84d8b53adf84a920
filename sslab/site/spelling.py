"""Guessing which known name was meant."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

# Comparing is quadratic in the length, and no name is longer than a DNS label.
_LONGEST = 64


def closest(name: str, known: Iterable[str]) -> str | None:
    """Return the known name that `name` most likely stands for, if one is near enough."""
    if len(name) > _LONGEST:
        return None
    by_form = {_plain(candidate): candidate for candidate in sorted(known, reverse=True)}
    matches = get_close_matches(_plain(name), by_form, n=1, cutoff=0.65)
    return by_form[matches[0]] if matches else None


def _plain(name: str) -> str:
    return name.lower().replace("_", "-").replace(" ", "-")
