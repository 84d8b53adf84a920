"""The driver: a Dask scheduler, as many workers as the work is worth, and none when it is done."""

import json
import math
import signal
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import dask
import distributed
from ssl_analysis.errors import AnalysisError
from ssl_analysis.outcome import Outcome, publish, withdraw
from ssl_analysis.settings import Environment
from ssl_analysis.storage import ObjectStore

from .inputs import Input, prepare
from .pods import DeployedPods, Pods
from .reference import HISTOGRAM_KEY, MASS_BINS, SCHEDULER_PORT, WINDOW_GEV
from .settings import Settings
from .work import analyse

RETRIES = 5
"""So often a file that could not be read is tried again."""

KILLS = 20
POLL_S = 1.0
Report = Callable[[str], None]

_dask: Any = distributed  # parts of it have no types


def pods_of(environment: Environment) -> Pods:
    """Return the workers' pods; Kubernetes tells every pod where its API is."""
    host, port = (environment.text(f"KUBERNETES_SERVICE_{each}") for each in ("HOST", "PORT"))
    return DeployedPods(f"https://{host}:{port}", environment.text("WORKERS"))


def run(settings: Settings, store: ObjectStore, pods: Pods, report: Report) -> None:
    """Prepare the inputs, have them processed, and publish the outcome once no worker is left."""
    # told to end, the driver still sends the workers away
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    withdraw(store)
    inputs = prepare(settings, store, report)
    started = time.monotonic()
    with scheduler() as client:
        report(f"the scheduler is at {client.scheduler.address}")
        try:
            sums, most = process(settings, inputs, client, pods, report)
        finally:
            left = send_away(pods, settings.patience_s, report)
    _publish(settings, sums, store, report, {"workers at most": most, "workers left": left,
             "processing (s)": round(time.monotonic() - started, 3)})  # fmt: skip


@contextmanager
def scheduler(port: int = SCHEDULER_PORT, host: str = "0.0.0.0") -> Iterator[Any]:
    """Run a scheduler without workers in this process.

    A file whose worker was killed goes to another one, up to KILLS times.
    """
    with (
        dask.config.set({"distributed.scheduler.allowed-failures": KILLS}),
        _dask.LocalCluster(
            n_workers=0,
            processes=False,
            protocol="tcp://",
            host=host,
            scheduler_port=port,
            dashboard_address=None,
            silence_logs=40,
        ) as cluster,
        _dask.Client(cluster) as client,
    ):
        yield client


def process(
    settings: Settings, inputs: Sequence[Input], client: Any, pods: Pods, report: Report
) -> tuple[list[dict[str, Any]], int]:
    """Return the sums of every input in the inputs' order, and how many workers there were.

    A worker that is killed takes nothing along: its file goes to another one. Raises
    AnalysisError naming the inputs that no worker could read, once the others are done.
    """
    futures = client.map(
        analyse, inputs, key=[each.key for each in inputs], retries=RETRIES, pure=False
    )
    wanted = settings.workers_for(len(inputs))
    pods.scale(wanted)
    report(f"{len(inputs)} files for {wanted} workers")
    most, done, moved = 0, 0, time.monotonic()
    asked = moved
    while done < len(futures):
        pending = [each for each in futures if not each.done()]
        if len(futures) - len(pending) > done:
            done, moved = len(futures) - len(pending), time.monotonic()
            report(f"{done} of {len(futures)} files done")
        working = len(client.scheduler_info(n_workers=-1)["workers"])
        most = max(most, working)
        if not working and pending and time.monotonic() - moved > settings.patience_s:
            raise AnalysisError(
                f"no worker came within {settings.patience_s:g} s; `kubectl describe pods` and "
                "`kubectl get events` say why: often the quota, or the image"
            )
        if working < wanted and time.monotonic() - asked > settings.ask_again_s:
            pods.scale(wanted)  # who keeps the Deployment as it is in git may have undone it
            asked = time.monotonic()
        if pending:
            _wait(pending)
    wrong = [each.exception() for each in futures if each.status == "error"]
    if wrong:
        told = "; ".join(sorted(str(each) for each in wrong))
        raise AnalysisError(f"{len(wrong)} of {len(inputs)} inputs could not be used: {told}")
    return [dict(each) for each in client.gather(futures)], most


def send_away(pods: Pods, patience_s: float, report: Report) -> int:
    """Let no worker be left, and return how many are after all within the patience."""
    pods.scale(0)
    deadline = time.monotonic() + patience_s
    while (left := pods.count()) and time.monotonic() < deadline:
        time.sleep(POLL_S)
    report(f"{left} workers left")
    return left


def _wait(pending: Sequence[Any]) -> None:
    try:
        _dask.wait(pending, timeout=POLL_S, return_when="FIRST_COMPLETED")
    except TimeoutError:
        return


def _publish(
    settings: Settings,
    sums: Sequence[dict[str, Any]],
    store: ObjectStore,
    report: Report,
    workers: dict[str, float],
) -> None:
    """Add up in the inputs' order, so that the sum is the same whoever was done first."""
    total = {
        name: sum(each[name] for each in sums) for name in ("events", "opposite_sign", "in_window")
    }
    if not total["in_window"]:
        raise AnalysisError("no pair of muons is in the window: nothing to take the mean of")
    mean = math.fsum(each["mass_sum"] for each in sums) / total["in_window"]
    report(f"{total['events']} events, mean mass {mean:.6f} GeV of {total['in_window']} pairs")
    low, high = WINDOW_GEV
    histogram = {
        "quantity": "mass of two muons of opposite charge (GeV)",
        "edges": [low + each * (high - low) / MASS_BINS for each in range(MASS_BINS + 1)],
        "counts": [
            sum(counts) for counts in zip(*(each["histogram"] for each in sums), strict=True)
        ],
    }
    store.put(HISTOGRAM_KEY, json.dumps(histogram, indent=1).encode(), "application/json")
    publish(
        store,
        Outcome(
            pattern="event-processing",
            values={
                "events": total["events"],
                "opposite-sign dimuons": total["opposite_sign"],
                "dimuons from 70 to 110 GeV": total["in_window"],
                "mean mass (GeV)": mean,
                "workers left": workers["workers left"],
            },
            parameters={
                "seed": settings.seed,
                "files": settings.files,
                "events_per_file": settings.events_per_file,
                "most_workers": settings.most_workers,
            },
            metrics=workers,
            files={"histogram": HISTOGRAM_KEY},
            libraries=("coffea", "distributed", "awkward", "uproot", "vector", "numpy"),
        ),
    )
