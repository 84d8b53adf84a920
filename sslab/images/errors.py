"""What goes wrong with images."""

from __future__ import annotations

from sslab.errors import SslabError


class ImageError(SslabError):
    """An image cannot be named, built or loaded."""
