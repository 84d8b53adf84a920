"""The one exception type that commands turn into a message."""

from __future__ import annotations


class SslabError(Exception):
    """A failure told to the user in one message that ends with the remedy."""

    def __init__(self, message: str, *, remedy: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy

    def __str__(self) -> str:
        """Return the message followed by its remedy."""
        return f"{self.message}; {self.remedy}" if self.remedy else self.message
