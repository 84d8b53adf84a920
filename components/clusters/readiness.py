"""Waiting for a control plane that installs itself."""

from __future__ import annotations

import asyncio
import contextlib
import ssl

import httpx
import pulumi

READY_S = 900
PAUSE_S = 5


async def wait(server: str, certificate: str, token: str, ready_s: float = READY_S) -> None:
    """Return once the API server says that it is ready. Raises pulumi.RunError after a while."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + ready_s
    verify = ssl.create_default_context(cadata=certificate)
    headers = {"Authorization": f"Bearer {token}"}
    async with httpx.AsyncClient(
        verify=verify, headers=headers, timeout=PAUSE_S, trust_env=False
    ) as client:
        while loop.time() < deadline:
            with contextlib.suppress(httpx.HTTPError):
                if (await client.get(f"{server}/readyz")).is_success:
                    return
            await asyncio.sleep(min(PAUSE_S, ready_s / 10))
    raise pulumi.RunError(
        f"{server} does not answer after {ready_s:.0f} s, though its instance is there; look at "
        "the instance's console log (`openstack console log show`), and run the same command again"
    )
