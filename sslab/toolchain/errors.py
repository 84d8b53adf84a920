"""What goes wrong with tools."""

from __future__ import annotations

from sslab.errors import SslabError


class ToolError(SslabError):
    """A program is missing or could not be built."""
