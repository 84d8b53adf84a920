"""Whether the laboratory's own Prometheus gets the metrics of everything that it watches."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Sequence
from urllib.parse import quote

from sslab.catalogue.layers import metrics_behind_login
from sslab.catalogue.monitoring import PROMETHEUS
from sslab.checks import login
from sslab.checks.access import SiteAccess
from sslab.checks.model import Measurement

WARM_UP_S = 90.0
"""Prometheus looks for new pods each 15 seconds, and then at each pod as often."""


def run(access: SiteAccess, jobs: Sequence[str]) -> Iterator[Measurement]:
    """Yield how many of the jobs have pods, all of which answer.

    Raises CheckError where Prometheus gives no answer.
    """
    if metrics_behind_login(access.site):
        yield login.asked(PROMETHEUS, access)
    deadline = time.monotonic() + WARM_UP_S
    down = _down(access, jobs)
    while down and time.monotonic() < deadline:
        time.sleep(1)
        down = _down(access, jobs)
    without = f", without {', '.join(down)}" if down else ""
    yield Measurement(
        check=f"targets up{without}",
        value=len(jobs) - len(down),
        expected=len(jobs),
        tolerance=0,
    )


def _down(access: SiteAccess, jobs: Sequence[str]) -> list[str]:
    """Return the jobs that have no pod, or one that does not answer."""
    expression = f'min by (job) (up{{laboratory="{access.site.name}"}}) == 1'
    answer = access.get(PROMETHEUS, f"/api/v1/query?query={quote(expression)}")
    up = {each["metric"]["job"] for each in json.loads(answer.text)["data"]["result"]}
    return [job for job in jobs if job not in up]
