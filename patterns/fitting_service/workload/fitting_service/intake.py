"""Reading a request's body within limits of size and time."""

import asyncio

from starlette.requests import ClientDisconnect, Request

from .rejection import RejectionError

BODY_TIMEOUT_S = 15.0
"""Seconds in which a body has to arrive."""
MAX_BODIES = 64
"""Bodies that are read at the same time; with the size limit this bounds their memory."""
_DRAIN_BYTES = 4 * 1024 * 1024
"""Bytes beyond the limit that are read and thrown away, so that the client, still sending, gets
to see the answer instead of a broken connection."""


class Intake:
    """Reads bodies of at most ``max_bytes``, whether or not their length is announced."""

    def __init__(self, *, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._reading = 0

    async def read(self, request: Request) -> bytes:
        """The body of a request.

        Raises :class:`RejectionError`: 400 (the client went away), 408, 413, 415 or 429.
        """
        encoding = request.headers.get("content-encoding", "identity")
        if encoding.lower() != "identity":
            raise RejectionError(
                415, "encoding", f'Content-Encoding "{encoding}" is not read: send plain JSON.'
            )
        if self._reading >= MAX_BODIES:
            raise RejectionError(
                429, "busy", "Too many requests are being read: try again.", retry_after_s=1
            )
        self._reading += 1
        try:
            async with asyncio.timeout(BODY_TIMEOUT_S):
                return await self._collect(request)
        except TimeoutError:
            raise RejectionError(
                408, "slow_body", f"The body did not arrive within {BODY_TIMEOUT_S:g} s."
            ) from None
        except ClientDisconnect:
            raise RejectionError(400, "incomplete_body", "The body ended too early.") from None
        finally:
            self._reading -= 1

    async def _collect(self, request: Request) -> bytes:
        announced = request.headers.get("content-length", "")
        if announced.isdecimal() and int(announced) > self._max_bytes + _DRAIN_BYTES:
            raise self._too_large()
        chunks: list[bytes] = []
        size = 0
        async for chunk in request.stream():
            size += len(chunk)
            if size <= self._max_bytes:
                chunks.append(chunk)
            elif size > self._max_bytes + _DRAIN_BYTES:
                break
            else:
                chunks.clear()
        if size > self._max_bytes:
            raise self._too_large()
        return b"".join(chunks)

    def _too_large(self) -> RejectionError:
        return RejectionError(
            413,
            "too_large",
            f"The body is larger than the limit of {self._max_bytes} bytes: "
            "send a smaller workspace.",
        )
