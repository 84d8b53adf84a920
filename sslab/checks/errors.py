"""What goes wrong in a smoke test."""

from __future__ import annotations

from sslab.errors import SslabError


class CheckError(SslabError):
    """A smoke test could not make its measurement."""
