"""The beginning of one file, read twice through the cache: both times it has to be the same."""

import time

from ssl_analysis.errors import AnalysisError
from ssl_analysis.job import Report
from ssl_analysis.outcome import Outcome, publish, withdraw
from ssl_analysis.settings import Environment
from ssl_analysis.storage import ObjectStore

from . import xrootd

PATIENCE_S = 900.0
"""How long the cache may take to start: its image has to come first."""

PAUSE_S = 10.0

BYTES = 65536


def run(environment: Environment, store: ObjectStore, report: Report) -> None:
    """Read twice, and publish the outcome; an earlier one is withdrawn first."""
    withdraw(store)
    host, port = environment.text("CACHE"), environment.integer("PORT", 1, 65535)
    path = f"//{environment.text('FILE')}"
    started = time.monotonic()
    first = read_when_there(host, port, path, report)
    between = time.monotonic()
    second = _read(host, port, path)
    ended = time.monotonic()
    if not first:
        raise AnalysisError(f"{path} is empty; set the pattern's probe to another file")
    outcome = Outcome(
        pattern="xcache",
        values={"the same twice": float(first == second)},
        parameters={"file": path.removeprefix("//")},
        metrics={
            "bytes": float(len(first)),
            "first read (s)": between - started,
            "second read (s)": ended - between,
        },
    )
    publish(store, outcome)


def read_when_there(host: str, port: int, path: str, report: Report) -> bytes:
    """Read as soon as the cache answers. Raises AnalysisError where it does not, or refuses."""
    deadline = time.monotonic() + PATIENCE_S
    while True:
        try:
            return _read(host, port, path)
        except OSError as error:
            if time.monotonic() > deadline:
                raise AnalysisError(
                    f"{host}:{port} did not answer within {PATIENCE_S:.0f} s: {error}"
                ) from None
        report(f"{host}:{port} does not answer yet")
        time.sleep(PAUSE_S)


def _read(host: str, port: int, path: str) -> bytes:
    try:
        return xrootd.read(host, port, path, BYTES)
    except xrootd.RefusedError as error:
        raise AnalysisError(f"{host}:{port}: {error}") from None
