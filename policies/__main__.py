"""The policy pack `ssl`, as `pulumi up --policy-pack policies` starts it."""

from __future__ import annotations

import os
import socket
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from policies.owners import Owners

REPOSITORY = Path(__file__).resolve().parent.parent


def main(engine: str) -> None:
    """Serve the rules to the engine at an address (`127.0.0.1:40000`) as long as it is there."""
    sys.path[0] = str(REPOSITORY)  # Python put policies/ there
    from pulumi_policy import PolicyPack

    from policies.pack import policies
    from policies.rules import RULES

    Thread(target=_end_with, args=(engine,), daemon=True).start()
    # read while the engine starts the program, which takes longer
    owners = ThreadPoolExecutor(1).submit(_owners)
    PolicyPack(name="ssl", policies=policies(RULES, lambda urn: owners.result().powers(urn)))


def _owners() -> Owners:
    from policies.owners import known_owners

    return known_owners(REPOSITORY)


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
