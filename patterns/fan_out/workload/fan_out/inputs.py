"""The list of a run's inputs: what each is called, and what it was when it was listed."""

import json
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass

from ssl_analysis.errors import AnalysisError
from ssl_analysis.storage import ObjectStore

from .settings import Settings

POLL_S = 2.0


@dataclass(frozen=True, kw_only=True)
class Input:
    """One file: its key, size in bytes, SHA-256, and the numbers of its first and last event."""

    key: str
    size_bytes: int
    sha256: str
    first_event: int
    last_event: int


def to_json(inputs: Sequence[Input]) -> bytes:
    """Return the list as it is stored."""
    return (json.dumps({"inputs": [asdict(each) for each in inputs]}, indent=1) + "\n").encode()


def from_json(key: str, data: bytes) -> list[Input]:
    """Read a list; raises AnalysisError where it is none, or names an input twice."""
    try:
        inputs = [Input(**each) for each in json.loads(data)["inputs"]]
    except (ValueError, KeyError, TypeError) as error:
        raise AnalysisError(f"{key} is not a list of inputs: {error}; deploy again") from error
    keys = [each.key for each in inputs]
    twice = sorted({each for each in keys if keys.count(each) > 1})
    if twice:
        raise AnalysisError(f"{key} lists {', '.join(twice)} more than once")
    return inputs


def listed(
    settings: Settings,
    store: ObjectStore,
    report: Callable[[str], None],
    sleep: Callable[[float], None] = time.sleep,
) -> list[Input]:
    """Return this run's inputs, once the first stage has listed them.

    With plain manifests the stages start together. Raises AnalysisError after `patience_s`.
    """
    waited = 0.0
    while settings.list_key not in store.keys(settings.list_key):
        if waited >= settings.patience_s:
            raise AnalysisError(
                f"there is no list of inputs {settings.list_key} after {waited:g} s; "
                "the log of the Job of the stage prepare says why"
            )
        if not waited:
            report(f"waiting up to {settings.patience_s:g} s for {settings.list_key}")
        sleep(POLL_S)
        waited += POLL_S
    inputs = from_json(settings.list_key, store.get(settings.list_key))
    if len(inputs) != settings.files:
        raise AnalysisError(
            f"{settings.list_key} has {len(inputs)} inputs, {settings.files} were asked for"
        )
    return inputs
