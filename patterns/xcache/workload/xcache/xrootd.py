"""Reading the first bytes of a file by the XRootD protocol, as a client without credentials.

The image has no XRootD; what a read takes is five requests, each of 24 bytes in network order
(the protocol: https://xrootd.org/docs.html).
"""

import socket
import struct
import time
from contextlib import closing

TIMEOUT_S = 120.0
MOST_BYTES = 1 << 24
"""No answer to this client is longer."""

HANDSHAKE = struct.pack(">5i", 0, 0, 0, 4, 2012)
STREAM = b"\0\1"
CLOSE, LOGIN, OPEN, READ = 3003, 3007, 3010, 3013
OK, OK_SO_FAR, ERROR, WAIT = 0, 4000, 4003, 4005
FOR_READING = 0x10
SESSION_BYTES = 16


class RefusedError(Exception):
    """The server answered, and not what was asked for."""


def read(host: str, port: int, path: str, count: int) -> bytes:
    """Return the first `count` bytes of a file, or all of a shorter one.

    Raises OSError where nobody answers, RefusedError where the server answers something else.
    """
    with closing(socket.create_connection((host, port), timeout=TIMEOUT_S)) as connection:
        connection.sendall(HANDSHAKE)
        _answer(connection, "the handshake")
        login = struct.pack(">i8s4Bi", 0, b"ssl", 0, 0, 2, 0, 0)
        if len(_ask(connection, LOGIN, login, "the login")) > SESSION_BYTES:
            raise RefusedError("the server wants credentials")
        name = path.encode()
        opening = struct.pack(">HH12xi", 0, FOR_READING, len(name)) + name
        handle = _ask(connection, OPEN, opening, f"opening {path}")[:4]
        found = _ask(
            connection, READ, struct.pack(">4sqii", handle, 0, count, 0), f"reading {path}"
        )
        _ask(connection, CLOSE, struct.pack(">4s12xi", handle, 0), f"closing {path}")
        return found


def _ask(connection: socket.socket, request: int, body: bytes, what: str) -> bytes:
    """Send a request, as often as the server says that it has to wait, and return the answer."""
    deadline = time.monotonic() + TIMEOUT_S
    while True:
        connection.sendall(STREAM + struct.pack(">H", request) + body)
        status, found = _answer(connection, what)
        if status == OK:
            return found
        pause_s = struct.unpack(">i", found[:4])[0]
        if time.monotonic() + pause_s > deadline:
            raise RefusedError(f"{what}: the server says to wait for {pause_s} s more")
        time.sleep(pause_s)


def _answer(connection: socket.socket, what: str) -> tuple[int, bytes]:
    """Return whether to wait, and the parts of one answer together."""
    found = b""
    while True:
        status, length = struct.unpack(">2xHi", _exactly(connection, 8, what))
        if not 0 <= length <= MOST_BYTES:
            raise RefusedError(f"{what}: no answer of the XRootD protocol")
        part = _exactly(connection, length, what)
        if status == ERROR:
            message = part[4:].rstrip(b"\0").decode(errors="replace")
            raise RefusedError(f"{what}: {message}")
        if status == WAIT and length >= 4:
            return WAIT, part
        if status not in (OK, OK_SO_FAR):
            raise RefusedError(f"{what}: answered with status {status}")
        found += part
        if status == OK:
            return OK, found


def _exactly(connection: socket.socket, count: int, what: str) -> bytes:
    found = b""
    while len(found) < count:
        part = connection.recv(count - len(found))
        if not part:
            raise RefusedError(f"{what}: the server closed the connection")
        found += part
    return found
