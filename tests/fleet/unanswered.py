"""Commands about a site whose cluster takes connections and says nothing."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager

from sslab.cluster.processes import Supervisor
from tests.fleet.sites import Fleet, Place

SOON_S = 30
"""Within how many seconds a cluster that does not answer is told, on a machine that is busy."""


@contextmanager
def halted(place: Place) -> Iterator[None]:
    """Let the API server of a cluster take connections and say nothing while the block runs."""
    (pid,) = [each.pid for each in Supervisor(place.spec).states() if each.name == "kube-apiserver"]
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


def told_soon(sites: Fleet, site: str, words: tuple[str, ...], where: str) -> None:
    """Assert that a command ends soon with one message, which names `where` in the site file."""
    started = time.monotonic()
    with halted(sites.places[site]):
        told = sites.sslab(site, *words)
    assert time.monotonic() - started < SOON_S
    assert told.returncode == 1
    assert f"error: sites/{site}.yaml: {where}" in told.stderr
    assert "does not answer: " in told.stderr
    assert "Deployment" not in told.stderr
    assert "Traceback" not in told.stderr
