"""The frame of an analysis that runs as a Job: settings, storage, progress, at worst a message."""

import os
import sys
from collections.abc import Callable

from .errors import AnalysisError
from .settings import Environment
from .storage import ObjectStore, S3Store, s3_client

Report = Callable[[str], None]
"""Prints a line of progress."""

Analysis = Callable[[Environment, ObjectStore, Report], None]


def main(name: str, analysis: Analysis) -> int:
    """Run an analysis with its bucket, once that answers; 0 when it is done, else 1."""
    report = reporter(name)
    try:
        environment = Environment(os.environ)
        store = S3Store(s3_client(), environment.bucket())
        store.wait_until_ready(report)
        analysis(environment, store, report)
    except AnalysisError as error:
        print(f"{name}: error: {error}", file=sys.stderr, flush=True)
        return 1
    return 0


def reporter(name: str) -> Report:
    """Return a printer of progress lines that come at once, so that `kubectl logs -f` follows."""

    def report(line: str) -> None:
        print(f"{name}: {line}", flush=True)

    return report
