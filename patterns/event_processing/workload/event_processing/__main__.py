"""Entry point of the pods: ``python -m event_processing``; ROLE says what they are."""

import os
import sys

from ssl_analysis.errors import AnalysisError
from ssl_analysis.job import Report, main
from ssl_analysis.settings import Environment
from ssl_analysis.storage import ObjectStore

from . import driver, worker
from .settings import Settings


def run(environment: Environment, store: ObjectStore, report: Report) -> None:
    """Do the driver's part or that of a worker."""
    role = environment.text("ROLE")
    if role == "worker":
        worker.run(environment, report)
    elif role == "driver":
        driver.run(Settings.of(environment), store, driver.pods_of(environment), report)
    else:
        raise AnalysisError(f"ROLE: {role!r} is neither driver nor worker")


if __name__ == "__main__":
    status = main("event-processing", run)
    sys.stdout.flush()
    os._exit(status)  # at once: threads of the network are of no use any more
