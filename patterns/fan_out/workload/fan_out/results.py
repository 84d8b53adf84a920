"""The results of tasks: one an input, under a key that follows from the input alone."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass

from ssl_analysis.errors import AnalysisError

from .inputs import Input
from .reference import MASS_BINS


@dataclass(frozen=True, kw_only=True)
class Result:
    """What a task found in its input; the same, byte for byte, whoever finds it and how often."""

    input: Input
    histogram: list[int]

    def document(self) -> bytes:
        """Return it as it is stored."""
        return (json.dumps(asdict(self), sort_keys=True) + "\n").encode()

    @classmethod
    def read(cls, key: str, data: bytes) -> "Result":
        """Read a result; raises AnalysisError where it is none."""
        try:
            body = json.loads(data)
            histogram = [int(each) for each in body["histogram"]]
            result = cls(input=Input(**body["input"]), histogram=histogram)
        except (ValueError, KeyError, TypeError) as error:
            raise AnalysisError(f"{key} is not a result: {error}; delete it") from error
        if len(histogram) != MASS_BINS or min(histogram) < 0:
            raise AnalysisError(f"{key} is not a histogram of {MASS_BINS} bins; delete it")
        return result


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """What staging cost one attempt; several attempts at an input leave several of these."""

    input: str
    size_bytes: int
    duration_s: float
    peak_bytes_s: int
    by_second: Mapping[str, int]

    def document(self) -> bytes:
        """Return it as it is stored."""
        return (json.dumps(asdict(self), sort_keys=True) + "\n").encode()

    @classmethod
    def read(cls, data: bytes) -> "Attempt":
        """Read what `document` has returned."""
        return cls(**json.loads(data))


def result_prefix(version: str) -> str:
    """Return what the keys of all results of a version begin with."""
    return f"results/{version}/"


def result_key(version: str, of: Input) -> str:
    """Return the key of an input's result: another one for another input or version."""
    identity = hashlib.sha256(f"{of.key} {of.sha256}".encode()).hexdigest()[:16]
    return f"{result_prefix(version)}{identity}.json"


def attempt_prefix(version: str, of: Input | None = None) -> str:
    """Return what the keys of attempts begin with: those at one input, or of a whole version."""
    own = result_key(version, of).rpartition("/")[2].removesuffix(".json") + "/" if of else ""
    return f"attempts/{version}/{own}"
