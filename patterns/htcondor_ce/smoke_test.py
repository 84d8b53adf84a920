"""Whether the compute element takes connections where the grid looks for it."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator

from patterns.htcondor_ce.settings import Settings
from sslab.checks.access import SiteAccess
from sslab.checks.errors import CheckError
from sslab.checks.model import Measurement

PORT = 9619

PATIENCE_S = 300.0
"""How long it may take: its image has to come, and a certificate from Let's Encrypt."""

PAUSE_S = 5.0
CONNECT_S = 10.0


def run(access: SiteAccess) -> Iterator[Measurement]:
    """Yield 1 where it takes a connection. Raises CheckError where it does not in time."""
    settings = Settings.model_validate(dict(access.site.patterns["htcondor-ce"]))
    host = settings.host
    if host is None:
        reached = access.site.reached
        if reached is None:
            raise CheckError(
                "nothing says by which name the compute element is reached",
                remedy="set patterns.htcondor-ce.host to its name in DNS",
            )
        host = f"htcondor-ce.{reached.domain}"
    connect(host, PORT)
    yield Measurement(check="takes connections", value=1.0, expected=1.0, tolerance=0)


def connect(host: str, port: int) -> None:
    """Connect once, as soon as that is possible. Raises CheckError where it is not in time."""
    deadline = time.monotonic() + PATIENCE_S
    while True:
        try:
            socket.create_connection((host, port), timeout=CONNECT_S).close()
            return
        except OSError as error:
            if time.monotonic() > deadline:
                raise CheckError(
                    f"{host}:{port} takes no connection: {error}",
                    remedy="see whether DNS leads there: `kubectl get service -n htcondor-ce` has "
                    "its address, and `kubectl logs -n htcondor-ce deploy/osg-hosted-ce-ssl` says "
                    "what it does",
                ) from error
        time.sleep(PAUSE_S)
