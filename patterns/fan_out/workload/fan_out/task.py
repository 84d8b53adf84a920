"""The second stage, once an input: stage it, make its histogram, store that under its key."""

from collections.abc import Callable

import numpy as np
from ssl_analysis.errors import AnalysisError
from ssl_analysis.settings import Environment
from ssl_analysis.storage import ObjectStore

from .bandwidth import Meter, TokenBucket
from .errors import BadInputError
from .histogram import counts
from .inputs import Input, listed
from .ranges import Ranges
from .results import Attempt, Result, attempt_prefix, result_key
from .rootfile import from_root
from .settings import Settings
from .staging import stage


def attempt(environment: Environment) -> tuple[int, str]:
    """Return the number of the task's input, and the name of the pod that is at it."""
    return environment.integer("JOB_COMPLETION_INDEX", 0, 10_000), environment.text("HOSTNAME")


def run(
    settings: Settings,
    who: tuple[int, str],
    store: ObjectStore,
    ranges: Ranges,
    report: Callable[[str], None],
) -> None:
    """Leave the result of one input, unless it is there.

    The result is one object, written at once, and the same whoever writes it: a task that is
    killed before leaves nothing, one that is killed after is done, two at once write the same.
    """
    index, pod = who
    inputs = listed(settings, store, report)
    if index >= len(inputs):
        raise AnalysisError(f"JOB_COMPLETION_INDEX: {index}, but there are {len(inputs)} inputs")
    wanted = inputs[index]
    key = result_key(settings.version, wanted)
    if key in store.keys(key):
        Result.read(key, store.get(key))
        report(f"{wanted.key}: the result {key} is there already")
        return
    meter = Meter()
    bucket = TokenBucket(settings.budget_bytes_s)
    data = stage(wanted, ranges, bucket, meter, settings.memory_bytes)
    report(
        f"{wanted.key}: staged {len(data)} bytes in {meter.duration_s:.1f} s, at most "
        f"{meter.peak_bytes_s / 1e6:.2f} MB/s"
    )
    store.put(key, analysed(wanted, data).document(), "application/json")
    report(f"{wanted.key}: stored {key}")
    cost = Attempt(
        input=wanted.key,
        size_bytes=meter.total_bytes,
        duration_s=round(meter.duration_s, 3),
        peak_bytes_s=meter.peak_bytes_s,
        by_second={str(second): size for second, size in sorted(meter.by_second.items())},
    )
    store.put(
        f"{attempt_prefix(settings.version, wanted)}{pod}.json", cost.document(), "application/json"
    )


def analysed(wanted: Input, data: bytes) -> Result:
    """Return the result of an input. Raises BadInputError where its events are not those listed."""
    leptons, numbers = from_root(wanted.key, data)
    expected = np.arange(wanted.first_event, wanted.last_event + 1, dtype=np.uint64)
    if not np.array_equal(numbers, expected):
        raise BadInputError(
            f"{wanted.key} does not hold the events {wanted.first_event} to {wanted.last_event}, "
            "each once, that were listed"
        )
    return Result(input=wanted, histogram=counts(leptons))
