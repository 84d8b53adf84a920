"""What goes wrong with clusters."""

from __future__ import annotations

from sslab.errors import SslabError


class ClusterError(SslabError):
    """An embedded cluster cannot do what was asked."""
