"""The outcome of an analysis: one JSON document in its bucket, of which the smoke test judges."""

import json
import math
import platform
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from .errors import AnalysisError
from .storage import ObjectStore

FORMAT = 1
"""The version of the document's schema."""

KEY = "outcome.json"
"""Where it lies: one a bucket, that of the latest run."""


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What an analysis found.

    `values` are the numbers by name, with their units where they have one (`m_Z (GeV)`);
    `parameters` what the run was told (seed, sizes); `metrics` what it cost (seconds, bytes,
    events); `files` the keys of plots and histograms in the same bucket; `libraries` the
    packages that the numbers depend on.
    """

    pattern: str
    values: Mapping[str, float]
    parameters: Mapping[str, float | int | str]
    metrics: Mapping[str, float] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)
    libraries: Iterable[str] = ()

    def document(self) -> bytes:
        """Return the JSON document. Raises AnalysisError where a value is not finite."""
        for numbers in (self.values, self.metrics, self.parameters):
            for name, value in numbers.items():
                if not isinstance(value, str) and not math.isfinite(value):
                    raise AnalysisError(f"{name} came out as {value}: no result is stored")
        body: dict[str, Any] = {
            "format": FORMAT,
            "pattern": self.pattern,
            "values": dict(self.values),
            "parameters": dict(self.parameters),
            "metrics": dict(self.metrics),
            "files": dict(self.files),
            "versions": {"python": platform.python_version(), **_versions(self.libraries)},
        }
        return (json.dumps(body, indent=2, sort_keys=True) + "\n").encode()


def withdraw(store: ObjectStore) -> None:
    """Remove an earlier run's outcome, so that one exists only when the latest run succeeded."""
    store.delete(KEY)


def publish(store: ObjectStore, outcome: Outcome) -> None:
    """Store the outcome; the last thing that an analysis does."""
    store.put(KEY, outcome.document(), "application/json")


def _versions(names: Iterable[str]) -> dict[str, str]:
    found = {}
    for name in names:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            raise AnalysisError(f"the package {name} is not installed") from None
    return found
