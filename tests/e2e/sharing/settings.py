"""The pattern has no settings."""

from __future__ import annotations

from sslab.site.types import Model


class Settings(Model):
    """Nothing."""
