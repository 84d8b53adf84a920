"""The first stage: the inputs, and the list of what they are."""

import hashlib
from collections.abc import Callable

from ssl_analysis.errors import AnalysisError
from ssl_analysis.outcome import withdraw
from ssl_analysis.storage import ObjectStore

from .errors import BadInputError
from .generate import generate
from .inputs import Input, to_json
from .kinematics import Leptons
from .rootfile import content_sha256, from_root, to_root
from .settings import Settings


def run(settings: Settings, store: ObjectStore, report: Callable[[str], None]) -> list[Input]:
    """Make the inputs that are not there or hold other events than they should, and list them.

    A repetition keeps what is right, so the list stays the same. An earlier run's outcome is
    withdrawn first.
    """
    withdraw(store)
    there = set(store.keys(f"{settings.sample}/"))
    inputs, made = [], 0
    for number in range(settings.files):
        key = f"{settings.sample}/part-{number:05}.root"
        events = generate(settings.seed, number, settings.events_per_file)
        first = number * settings.events_per_file
        data = store.get(key) if key in there else None
        if data is None or not _holds(key, data, events, first):
            if data is not None:
                report(f"{key} holds other events than it should and is made again")
            data = _made(key, to_root(events, first), store)
            made += 1
        inputs.append(
            Input(
                key=key,
                size_bytes=len(data),
                sha256=hashlib.sha256(data).hexdigest(),
                first_event=first,
                last_event=first + len(events) - 1,
            )
        )
    store.put(settings.list_key, to_json(inputs), "application/json")
    size = sum(each.size_bytes for each in inputs)
    report(f"listed {len(inputs)} inputs of {size / 1e6:.1f} MB together, {made} of them new")
    return inputs


def _made(key: str, data: bytes, store: ObjectStore) -> bytes:
    """Store an input and return what the storage gives back, which is what is listed."""
    store.put(key, data, "application/octet-stream")
    if store.get(key) != data:
        raise AnalysisError(f"{key} came back changed: the object storage damages data")
    return data


def _holds(key: str, data: bytes, events: Leptons, first: int) -> bool:
    try:
        found, numbers = from_root(key, data)
    except BadInputError:
        return False
    return (
        len(found) == len(events)
        and int(numbers[0]) == first
        and content_sha256(found) == content_sha256(events)
    )
