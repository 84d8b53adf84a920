"""Why a pattern cannot run at a site."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a pattern cannot run at a site: the field of the site file that would change it."""

    field: str
    why: str
    remedy: str
