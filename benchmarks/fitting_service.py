"""Requests a second of a running fitting service, against pyhf called in a loop.

    python benchmarks/fitting_service.py --url http://127.0.0.1:8080 [--host-header NAME]

Three measurements, each bounded in number and time: pyhf in one process of this program; new
workspaces sent to the service (each is fitted); the same ones again (each comes from object
storage). The last line is JSON. Only a service on this machine's loopback is ever asked.
"""

import argparse
import copy
import ipaddress
import json
import os
import random
import socket
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ[_name] = "1"  # as in the service's workers; read when NumPy is imported

import httpx  # noqa: E402
import pyhf  # noqa: E402
from pyhf.infer.intervals.upper_limits import toms748_scan  # noqa: E402

EXAMPLE = Path(__file__).resolve().parents[1] / "patterns/fitting_service/two_bin_workspace.json"
LOOP_FITS = 6
COLD_REQUESTS = 24
REPEATED_REQUESTS = 400
PHASE_LIMIT_S = 60.0
LIMIT_TOLERANCE = 1e-4
LIMIT_RANGE = (0.1, 10.0)
AGREEMENT = 1e-6

Workspace = dict[str, Any]


@dataclass(frozen=True)
class Rate:
    """What one measurement gave."""

    requests: int
    seconds: float

    @property
    def per_second(self) -> float:
        """Requests a second."""
        return self.requests / self.seconds


def workspaces(count: int) -> list[Workspace]:
    """Workspaces like the two-bin example that no one has asked about before."""
    example = json.loads(EXAMPLE.read_text())
    noise = random.SystemRandom()
    made = []
    for _ in range(count):
        workspace = copy.deepcopy(example)
        signal = workspace["channels"][0]["samples"][0]
        signal["data"] = [value + noise.uniform(-0.5, 0.5) for value in signal["data"]]
        made.append(workspace)
    return made


def fit_locally(workspace: Workspace) -> float:
    """The same work in this process: CLs at mu = 1 and the limits; returns the observed CLs."""
    specification = pyhf.Workspace(workspace)
    model = specification.model()
    data = specification.data(model)
    observed, _ = pyhf.infer.hypotest(1.0, data, model, return_expected_set=True)
    # Not pyhf's upper_limit: it looks for limits from 0 on, where CLs may be 0/0.
    toms748_scan(data, model, *LIMIT_RANGE, rtol=LIMIT_TOLERANCE)
    return float(observed)


class Draws:
    """Workspaces in turn, ``count`` in all; several threads may draw from it."""

    def __init__(self, items: list[Workspace], count: int) -> None:
        self._items = items
        self._numbers = iter(range(count))
        self._lock = threading.Lock()

    def next(self) -> Workspace | None:
        """The next workspace, None after the last one."""
        with self._lock:
            number = next(self._numbers, None)
        return None if number is None else self._items[number % len(self._items)]


def measure(
    work: Callable[[Workspace], float], draws: Draws, workers: int
) -> tuple[Rate, list[tuple[Workspace, float]]]:
    """Work through the draws with some threads, for at most PHASE_LIMIT_S."""
    started = time.monotonic()

    def keep_working(_: int) -> list[tuple[Workspace, float]]:
        done = []
        while time.monotonic() - started < PHASE_LIMIT_S:
            workspace = draws.next()
            if workspace is None:
                break
            done.append((workspace, work(workspace)))
        return done

    with ThreadPoolExecutor(workers) as threads:
        results = [pair for done in threads.map(keep_working, range(workers)) for pair in done]
    return Rate(len(results), time.monotonic() - started), results


def asking(client: httpx.Client, *, cached: bool) -> Callable[[Workspace], float]:
    """Posts a workspace; insists on an answer that was, or was not, kept before."""

    def ask(workspace: Workspace) -> float:
        try:
            response = client.post("/v1/fits", json=workspace)
        except httpx.TransportError as error:
            raise SystemExit(f"{client.base_url} does not answer: {error}") from None
        if response.status_code != 200:
            raise SystemExit(f"the service answered {response.status_code}: {response.text}")
        result = response.json()
        if result["cached"] is not cached:
            raise SystemExit(f"the answer says cached: {result['cached']}, not {cached}")
        return float(result["cls_obs"])

    return ask


def loopback_url(text: str) -> str:
    """A URL whose host is this machine's loopback."""
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise argparse.ArgumentTypeError(f'"{text}" is no http URL')
    try:
        found = socket.getaddrinfo(parts.hostname, parts.port or 80, type=socket.SOCK_STREAM)
    except OSError:
        message = f'"{parts.hostname}" has no address: use 127.0.0.1 and --host-header'
        raise argparse.ArgumentTypeError(message) from None
    if not all(ipaddress.ip_address(entry[4][0]).is_loopback for entry in found):
        raise argparse.ArgumentTypeError(f'"{parts.hostname}" is not loopback')
    return text


def main() -> int:
    """Measure, print, and end with one line of JSON."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--url", type=loopback_url, required=True)
    parser.add_argument("--host-header", help="name to ask for, where an ingress answers")
    parser.add_argument("--connections", type=int, choices=(2, 3, 4), default=4)
    options = parser.parse_args()

    fresh = workspaces(COLD_REQUESTS)
    # The loop runs before and after the service, since other work on the machine comes and goes.
    before, reference = measure(fit_locally, Draws(fresh, LOOP_FITS), 1)
    headers = {"Host": options.host_header} if options.host_header else {}
    with httpx.Client(base_url=options.url, headers=headers, timeout=PHASE_LIMIT_S) as client:
        cold, answers = measure(
            asking(client, cached=False), Draws(fresh, COLD_REQUESTS), options.connections
        )
        asked = [workspace for workspace, _ in answers]
        repeated, again = measure(
            asking(client, cached=True), Draws(asked, REPEATED_REQUESTS), options.connections
        )
    after, _ = measure(fit_locally, Draws(fresh, LOOP_FITS), 1)
    loop = Rate(before.requests + after.requests, before.seconds + after.seconds)
    _check_agreement(reference, answers + again)
    _report(loop, cold, repeated, options.connections)
    return 0


def _check_agreement(
    reference: list[tuple[Workspace, float]], answers: list[tuple[Workspace, float]]
) -> None:
    """The service must say what pyhf says, or its speed means nothing."""
    expected = {json.dumps(workspace): value for workspace, value in reference}
    for workspace, value in answers:
        if abs(value - expected.get(json.dumps(workspace), value)) > AGREEMENT:
            raise SystemExit("the service and pyhf disagree")


def _report(loop: Rate, cold: Rate, repeated: Rate, connections: int) -> None:
    rows = {"pyhf in a loop": loop, "service, new": cold, "service, repeated": repeated}
    for name, rate in rows.items():
        ratio = rate.per_second / loop.per_second
        print(f"{name:<18} {rate.per_second:8.2f} requests/s  {ratio:8.2f} x the loop")
    summary = {
        "benchmark": "fitting-service",
        "connections": connections,
        "loop_rps": round(loop.per_second, 3),
        "cold_rps": round(cold.per_second, 3),
        "repeated_rps": round(repeated.per_second, 3),
        "cold_ratio": round(cold.per_second / loop.per_second, 3),
        "repeated_ratio": round(repeated.per_second / loop.per_second, 3),
    }
    print(json.dumps(summary))


if __name__ == "__main__":
    sys.exit(main())
