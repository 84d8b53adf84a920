"""The last stage: one histogram of all inputs, and the proof that each is in it once."""

import json
import time
from collections import Counter
from collections.abc import Callable, Sequence

from ssl_analysis.errors import AnalysisError
from ssl_analysis.outcome import Outcome, publish
from ssl_analysis.storage import ObjectStore

from . import histogram
from .inputs import POLL_S, Input, listed
from .reference import HISTOGRAM_KEY, MASS_BINS, MASS_RANGE_GEV
from .results import Attempt, Result, attempt_prefix, result_key, result_prefix
from .settings import Settings

NAMED = 10
"""So many missing inputs are named in a message; of the others it has the number."""


def run(
    settings: Settings,
    store: ObjectStore,
    report: Callable[[str], None],
    sleep: Callable[[float], None] = time.sleep,
) -> None:
    """Merge the results of this run's inputs, store the histogram, and publish the outcome."""
    inputs = listed(settings, store, report, sleep)
    results = _results(settings, inputs, store, report, sleep)
    merged = histogram.added(each.histogram for each in results)
    lost, doubled = _lost_and_doubled(settings.files * settings.events_per_file, results)
    digest = histogram.sha256(merged)
    report(f"merged {len(results)} results: {sum(merged)} events, SHA-256 {digest}")
    store.put(HISTOGRAM_KEY, _document(merged, digest), "application/json")
    attempts = _attempts(settings, inputs, store)
    values = {
        "inputs": len(results),
        "lost events": lost,
        "doubled events": doubled,
        "events in the histogram": sum(merged),
        "events from 118 to 130 GeV": histogram.in_window(merged),
        "histogram (48 bits of its SHA-256)": histogram.as_number(digest),
        "highest rate of a task (MB/s)": max(
            (each.peak_bytes_s / 1e6 for each in attempts), default=0.0
        ),
        "highest rate of all tasks (MB/s)": _together(attempts) / 1e6,
    }
    publish(
        store,
        Outcome(
            pattern="fan-out",
            values=values,
            parameters={
                "seed": settings.seed,
                "files": settings.files,
                "events_per_file": settings.events_per_file,
                "bandwidth_mb_s": settings.budget_bytes_s / 1e6,
                "tasks_at_once": settings.tasks_at_once,
                "histogram_sha256": digest,
            },
            metrics={
                "staged (bytes)": sum(each.size_bytes for each in attempts),
                "staging (s)": sum(each.duration_s for each in attempts),
                "attempts that staged": len(attempts),
            },
            files={"histogram": HISTOGRAM_KEY},
            libraries=("numpy", "uproot", "boto3"),
        ),
    )


def _results(
    settings: Settings,
    inputs: Sequence[Input],
    store: ObjectStore,
    report: Callable[[str], None],
    sleep: Callable[[float], None],
) -> list[Result]:
    """Return the result of every input, once all are there.

    Raises AnalysisError that names those without one after `patience_s`, and where a result is
    that of another input.
    """
    keys = {result_key(settings.version, each): each for each in inputs}
    waited = 0.0
    while missing := sorted(set(keys) - set(store.keys(result_prefix(settings.version)))):
        if waited >= settings.patience_s:
            names = sorted(keys[each].key for each in missing)
            more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
            raise AnalysisError(
                f"{len(names)} of {len(inputs)} inputs have no result after {waited:g} s: "
                f"{', '.join(names[:NAMED])}{more}; the logs of their tasks say why"
            )
        if not waited:
            report(f"waiting up to {settings.patience_s:g} s for {len(missing)} results")
        sleep(POLL_S)
        waited += POLL_S
    results = []
    for key, wanted in keys.items():
        result = Result.read(key, store.get(key))
        if result.input != wanted:
            raise AnalysisError(f"{key} is not the result of {wanted.key} as listed; delete it")
        results.append(result)
    return results


def _lost_and_doubled(events: int, results: Sequence[Result]) -> tuple[int, int]:
    """Count those of so many events that no result covers, and those that more than one does.

    Each task has seen that its input holds the events from the first to the last, each once.
    """
    covered = [(each.input.first_event, each.input.last_event) for each in results]
    counted, reached, doubled = 0, -1, 0
    for first, last in sorted(covered):
        doubled += max(0, min(reached, last) - first + 1)
        counted += max(0, last - max(reached, first - 1))
        reached = max(reached, last)
    return events - counted, doubled


def _attempts(settings: Settings, inputs: Sequence[Input], store: ObjectStore) -> list[Attempt]:
    prefixes = tuple(attempt_prefix(settings.version, each) for each in inputs)
    keys = store.keys(attempt_prefix(settings.version))
    return [Attempt.read(store.get(key)) for key in keys if key.startswith(prefixes)]


def _together(attempts: Sequence[Attempt]) -> int:
    """Return the most bytes that all attempts together staged in one second of the clock."""
    seconds: Counter[str] = Counter()
    for each in attempts:
        seconds.update(each.by_second)
    return max(seconds.values(), default=0)


def _document(merged: Sequence[int], digest: str) -> bytes:
    low, high = MASS_RANGE_GEV
    edges = [low + number * (high - low) / MASS_BINS for number in range(MASS_BINS + 1)]
    body = {
        "quantity": "mass of four leptons (GeV)",
        "edges": edges,
        "counts": list(merged),
        "sha256": digest,
    }
    return (json.dumps(body, indent=1) + "\n").encode()
