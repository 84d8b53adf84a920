"""The beginning of one file, read twice through the cache: both times it has to be the same."""

import time
from typing import Any

from ssl_analysis.errors import AnalysisError
from ssl_analysis.job import Report
from ssl_analysis.outcome import Outcome, publish, withdraw
from ssl_analysis.settings import Environment
from ssl_analysis.storage import ObjectStore
from XRootD import client
from XRootD.client.flags import OpenFlags

PATIENCE_S = 900.0
"""How long the cache may take to start: its image has to come first."""

PAUSE_S = 10.0
TIMEOUT_S = 120
"""How long one request may take: the cache reads the file from far away."""

BYTES = 65536
REFUSED = (204, 400)
"""XRootD's codes of a server that answers: it wants credentials, or has an error to tell."""


class UnansweredError(Exception):
    """Nobody answers yet, or no longer."""


def run(environment: Environment, store: ObjectStore, report: Report) -> None:
    """Read twice, and publish the outcome; an earlier one is withdrawn first."""
    withdraw(store)
    host, port = environment.text("CACHE"), environment.integer("PORT", 1, 65535)
    file = environment.text("FILE")
    url = f"root://{host}:{port}//{file}"
    started = time.monotonic()
    first = read_when_there(url, report)
    between = time.monotonic()
    second = read(url)
    ended = time.monotonic()
    if not first:
        raise AnalysisError(f"{file} is empty; set the pattern's probe to another file")
    outcome = Outcome(
        pattern="xcache",
        values={"the same twice": float(first == second)},
        parameters={"file": file},
        metrics={
            "bytes": float(len(first)),
            "first read (s)": between - started,
            "second read (s)": ended - between,
        },
    )
    publish(store, outcome)


def read_when_there(url: str, report: Report) -> bytes:
    """Read as soon as the cache answers. Raises AnalysisError where it does not, or refuses."""
    deadline = time.monotonic() + PATIENCE_S
    while True:
        try:
            return read(url)
        except UnansweredError as error:
            if time.monotonic() > deadline:
                raise AnalysisError(
                    f"{url}: no answer within {PATIENCE_S:.0f} s: {error}"
                ) from None
        report(f"{url}: no answer yet")
        time.sleep(PAUSE_S)


def read(url: str) -> bytes:
    """Return the first bytes of a file. Raises AnalysisError or UnansweredError."""
    with client.File() as file:
        _require(file.open(url, OpenFlags.READ, timeout=TIMEOUT_S)[0], url)
        status, found = file.read(0, BYTES, timeout=TIMEOUT_S)
        _require(status, url)
        return bytes(found)


def _require(status: Any, url: str) -> None:
    if not status.ok:
        said = status.message.strip()
        raise AnalysisError(f"{url}: {said}") if status.code in REFUSED else UnansweredError(said)
