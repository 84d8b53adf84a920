"""The inputs: made once, and listed with what they are."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass

from ssl_analysis.errors import AnalysisError
from ssl_analysis.storage import ObjectStore

from .generate import generate
from .rootfile import to_root
from .settings import Settings


@dataclass(frozen=True, kw_only=True)
class Input:
    """One file: its key and SHA-256, and how many events it holds from which number on."""

    key: str
    sha256: str
    first_event: int
    events: int


def prepare(settings: Settings, store: ObjectStore, report: Callable[[str], None]) -> list[Input]:
    """Make the inputs that are not there, and return the list of all.

    What a file has to be is written beside it once it is whole, so that one which was damaged or
    replaced later is not taken for right.
    """
    there = set(store.keys(f"{settings.sample}/"))
    inputs, made = [], 0
    for number in range(settings.files):
        key = f"{settings.sample}/part-{number:05}.root"
        first = number * settings.events_per_file
        if key not in there or f"{key}.sha256" not in there:
            _make(key, settings, number, store)
            made += 1
        inputs.append(
            Input(
                key=key,
                sha256=store.get(f"{key}.sha256").decode().strip(),
                first_event=first,
                events=settings.events_per_file,
            )
        )
    report(f"{len(inputs)} inputs, {made} of them new")
    return inputs


def _make(key: str, settings: Settings, number: int, store: ObjectStore) -> None:
    events = settings.events_per_file
    data = to_root(generate(settings.seed, number, events), number, number * events)
    store.delete(f"{key}.sha256")
    store.put(key, data, "application/octet-stream")
    if store.get(key) != data:
        raise AnalysisError(f"{key} came back changed: the object storage damages data")
    store.put(f"{key}.sha256", hashlib.sha256(data).hexdigest().encode(), "text/plain")
