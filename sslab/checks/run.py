"""Running the smoke tests of a site's patterns, and of its monitoring."""

from __future__ import annotations

import importlib
import json
import subprocess
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path

from sslab.catalogue import layers
from sslab.catalogue.contract import Contract
from sslab.catalogue.monitoring import PROMETHEUS, watched
from sslab.checks import login, monitoring
from sslab.checks.access import SiteAccess
from sslab.checks.model import Check, Measurement, passed
from sslab.errors import SslabError


def run(
    repository: Path, access: SiteAccess, contracts: Mapping[str, Contract], kubectl: list[str]
) -> tuple[Check, ...]:
    """Run the smoke test of every pattern of the site; one that fails does not stop the others.

    Where the site has a Prometheus of its own, whether it sees everything is the last test.
    `kubectl` is the beginning of every command for the site's cluster.
    """
    commit, site = revision(repository), access.site
    checks: list[Check] = []
    for pattern in sorted(site.patterns):
        image = _image(kubectl, layers.namespace(site, pattern), pattern)
        checks.extend(_measured(pattern, partial(_pattern, pattern, access), image, commit))
    if site.monitoring.mode == "own":
        home = layers.namespace(site, layers.LAYER_NAMESPACES["Monitoring"])
        image = _image(kubectl, home, PROMETHEUS)
        test = partial(monitoring.run, access, watched(site, contracts))
        checks.extend(_measured("monitoring", test, image, commit))
    return tuple(checks)


def _pattern(pattern: str, access: SiteAccess) -> list[Measurement]:
    test = importlib.import_module(f"patterns.{pattern.replace('-', '_')}.smoke_test")
    measurements: list[Measurement] = list(test.run(access))
    if access.asks_for_login(pattern):
        return [login.asked(pattern, access), *map(_behind_login, measurements)]
    return measurements


def _measured(
    name: str, test: Callable[[], Iterable[Measurement]], image: str | None, commit: str
) -> Iterator[Check]:
    """Yield what a test measures, or why it cannot."""
    started = time.monotonic()
    try:
        measurements = list(test())
    except SslabError as error:
        yield Check(
            pattern=name,
            check="answers",
            value=None,
            expected=None,
            tolerance=None,
            passed=False,
            duration_s=round(time.monotonic() - started, 3),
            image=image,
            commit=commit,
            problem=str(error),
        )
        return
    duration = round(time.monotonic() - started, 3)
    for measurement in measurements:
        yield Check(
            pattern=name,
            check=measurement.check,
            value=measurement.value,
            expected=measurement.expected,
            tolerance=measurement.tolerance,
            passed=passed(measurement),
            duration_s=duration,
            image=image,
            commit=commit,
        )


def _behind_login(measurement: Measurement) -> Measurement:
    """Say of a number that it was asked for inside the cluster: a smoke test cannot log in."""
    return replace(measurement, check=f"{measurement.check}, behind the login")


def revision(repository: Path) -> str:
    """Return the git commit, with `-dirty` where files differ from it."""
    done = subprocess.run(
        ["git", "describe", "--always", "--dirty", "--abbrev=40", "--exclude=*"],
        cwd=repository,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout.strip() or "unknown"


def _image(kubectl: list[str], namespace: str, pattern: str) -> str | None:
    """Return the digest of the image that the pattern's newest pod really runs."""
    words = [*kubectl, "get", "pods", "--namespace", namespace, "--output=json"]
    words += [f"--selector=app.kubernetes.io/name={pattern}"]
    words += ["--sort-by=.metadata.creationTimestamp"]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        return None
    statuses = [
        status
        for pod in json.loads(done.stdout)["items"]
        for status in pod["status"].get("containerStatuses", [])
    ]
    return str(statuses[-1]["imageID"]) if statuses and statuses[-1]["imageID"] else None
