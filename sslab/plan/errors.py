"""What goes wrong with planning."""

from __future__ import annotations

from sslab.errors import SslabError


class PlanError(SslabError):
    """There can be no plan."""
