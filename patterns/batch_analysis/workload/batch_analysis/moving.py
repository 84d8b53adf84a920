"""Moving data between the bucket and the folders of a job."""

import json
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from ssl_analysis.errors import AnalysisError
from ssl_analysis.job import Report
from ssl_analysis.outcome import KEY, Outcome
from ssl_analysis.settings import Environment
from ssl_analysis.storage import ObjectStore

DATA, RESULTS = Path("/data"), Path("/results")
NUMBERS: Final = "numbers.json"
"""What a job writes its numbers to, by name."""


def run(
    environment: Environment,
    store: ObjectStore,
    report: Report,
    data: Path = DATA,
    results: Path = RESULTS,
) -> None:
    """Do the stage that the environment names."""
    job, stage = environment.text("JOB"), environment.text("STAGE")
    if stage == "fetch":
        # an outcome is there only when the latest run succeeded
        store.delete(f"{job}/{KEY}")
        fetch(json.loads(environment.text("INPUTS")), store, report, data)
    elif stage == "publish":
        publish(environment, store, report, results)
    else:
        raise AnalysisError(f"STAGE: {stage!r} is neither fetch nor publish")


def fetch(inputs: list[str], store: ObjectStore, report: Report, data: Path) -> None:
    """Copy objects, and those below each prefix that ends in a slash, into a folder.

    Raises AnalysisError where an input is not there.
    """
    for key in _found(inputs, store):
        path = data / key
        if not path.resolve().is_relative_to(data.resolve()):
            raise AnalysisError(f"the object {key!r} would lie outside of {data}")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(store.get(key))
        report(f"fetched {key} ({path.stat().st_size} bytes)")


def publish(environment: Environment, store: ObjectStore, report: Report, results: Path) -> None:
    """Store what the job has left, and last its outcome.

    What an earlier run has stored and this one has not is removed.
    """
    job = environment.text("JOB")
    files = {
        path.relative_to(results).as_posix(): path
        for path in sorted(results.rglob("*"))
        if path.is_file() and not path.is_symlink() and path.name != KEY
    }
    keys = {name: f"{job}/results/{name}" for name in files}
    for name, path in files.items():
        store.put(keys[name], path.read_bytes(), "application/octet-stream")
    for old in set(store.keys(f"{job}/results/")) - set(keys.values()):
        store.delete(old)
    outcome = Outcome(
        pattern="batch-analysis",
        values=_numbers(files.get(NUMBERS)),
        parameters={
            "job": job,
            "image": environment.text("IMAGE"),
            "version": environment.text("VERSION"),
        },
        metrics={
            "finished": 1,
            "files": len(files),
            "bytes": sum(path.stat().st_size for path in files.values()),
        },
        files=keys,
    )
    store.put(f"{job}/{KEY}", outcome.document(), "application/json")
    report(f"{job}: stored {len(files)} files and {KEY}")


def _found(inputs: list[str], store: ObjectStore) -> Iterator[str]:
    for each in inputs:
        there = store.keys(each)
        keys = there if each.endswith("/") else [key for key in there if key == each]
        if not keys:
            raise AnalysisError(f"there is no object {each!r} in the bucket; store it there first")
        yield from (key for key in keys if not key.endswith("/"))


def _numbers(path: Path | None) -> dict[str, float]:
    """Return the numbers that the job has found; none where it wrote none."""
    if path is None:
        return {}
    try:
        found = json.loads(path.read_bytes())
        numbers = {str(name): float(value) for name, value in found.items()}
    except (ValueError, TypeError, AttributeError):
        raise AnalysisError(
            f"{NUMBERS} has to be one JSON object of numbers by name; it is not"
        ) from None
    wrong = [name for name, value in numbers.items() if not math.isfinite(value)]
    if wrong:
        raise AnalysisError(f"{NUMBERS}: {wrong[0]} is not finite")
    return numbers
