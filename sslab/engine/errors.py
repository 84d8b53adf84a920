"""What goes wrong with Pulumi."""

from __future__ import annotations

from sslab.errors import SslabError


class EngineError(SslabError):
    """Pulumi could not do what was asked."""
