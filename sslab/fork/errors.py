"""What can go wrong with a fork."""

from __future__ import annotations

from sslab.errors import SslabError


class ForkError(SslabError):
    """A fork cannot be made or updated like this."""
