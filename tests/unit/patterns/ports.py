"""A TCP port for a server of a test."""

from __future__ import annotations

import socket


def free_port() -> int:
    """Return a port of loopback that nobody listens at just now."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port
