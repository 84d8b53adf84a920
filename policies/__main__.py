"""The policy pack `ssl`, as `pulumi up --policy-pack policies` starts it."""

from __future__ import annotations

import os
import socket
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from functools import cache
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from policies.policy import Grants

REPOSITORY = Path(__file__).resolve().parent.parent


def main(engine: str) -> None:
    """Serve the policies to the engine at an address (`127.0.0.1:40000`) as long as it is there."""
    sys.path[0] = str(REPOSITORY)  # Python put policies/ there
    from pulumi_policy import PolicyPack

    from policies.pack import engine_policy
    from policies.rules import POLICIES

    Thread(target=_end_with, args=(engine,), daemon=True).start()
    # read while the engine starts the program, which takes longer
    finder = ThreadPoolExecutor(1).submit(_finder)

    def grants(urn: str) -> Grants:
        return finder.result()(urn)

    today = date.today()
    PolicyPack("ssl", [engine_policy(policy, grants, today) for policy in POLICIES])


def _finder() -> Callable[[str], Grants]:
    """Return what finds by its URN what a resource may do; each site file is read once."""
    from policies.owners import grants_of, known_owners
    from policies.sites import site_of, stack_of

    owners = known_owners(REPOSITORY)
    found = cache(lambda stack: grants_of(REPOSITORY, owners, site_of(REPOSITORY, stack)))
    return lambda urn: found(stack_of(urn))(urn)


def _end_with(engine: str) -> None:
    """End this process when the engine is gone.

    Pulumi's language host waits for it, so that both would outlive an engine that was killed.
    """
    host, _, port = engine.rpartition(":")
    while True:
        time.sleep(1)
        try:
            socket.create_connection((host, int(port)), timeout=10).close()
        except OSError:
            os._exit(0)


if __name__ == "__main__":
    main(sys.argv[-1])
