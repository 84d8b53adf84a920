"""A worker: takes work from the driver's scheduler until that ends."""

import asyncio
from collections.abc import Callable

from distributed import Worker
from ssl_analysis.errors import AnalysisError
from ssl_analysis.settings import Environment

PATIENCE_S = 120.0
"""So long a worker looks for the scheduler before its pod starts it again."""


def run(environment: Environment, report: Callable[[str], None]) -> None:
    """Work until the scheduler is gone. Raises AnalysisError where there is none."""
    address, name = environment.text("SCHEDULER"), environment.text("HOSTNAME")
    report(f"{name} works for {address}")
    asyncio.run(_work(address, name))
    report(f"{name}: the scheduler has ended")


async def _work(address: str, name: str) -> None:
    """One unit of work at a time; the limit of the memory is the pod's own."""
    try:
        async with Worker(
            address,
            nthreads=1,
            name=name,
            memory_limit=0,
            local_directory="/tmp",
            dashboard=False,
            death_timeout=PATIENCE_S,
        ) as worker:
            await worker.finished()
    except (OSError, TimeoutError) as error:
        raise AnalysisError(f"no scheduler at {address} after {PATIENCE_S:g} s") from error
