"""What goes wrong with taking a laboratory away."""

from __future__ import annotations

from sslab.errors import SslabError


class DestroyError(SslabError):
    """A laboratory was not taken away."""
