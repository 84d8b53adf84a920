"""Stand-ins and inputs for the tests of the fitting service."""

import copy
from typing import Any

from patterns.fitting_service.workload.fitting_service.documents import canonical_question
from patterns.fitting_service.workload.fitting_service.example import (
    COUNTING_WORKSPACE,
    TWO_BIN_WORKSPACE,
)
from patterns.fitting_service.workload.fitting_service.store import StoreError


class MemoryStore:
    """A store in memory that can be switched off."""

    def __init__(self) -> None:
        self.documents: dict[str, bytes] = {}
        self.down = False

    async def get(self, key: str) -> bytes | None:
        self._fail_when_down()
        return self.documents.get(key)

    async def put(self, key: str, document: bytes) -> None:
        self._fail_when_down()
        self.documents[key] = document

    async def check(self) -> None:
        self._fail_when_down()

    def close(self) -> None:
        pass

    def _fail_when_down(self) -> None:
        if self.down:
            raise StoreError("switched off")


def two_bins() -> dict[str, Any]:
    return copy.deepcopy(TWO_BIN_WORKSPACE)


def counting(
    signal: float = 10.0, background: float = 50.0, events: float = 55.0
) -> dict[str, Any]:
    """One bin without uncertainties, which fits within 0.2 s."""
    workspace = copy.deepcopy(COUNTING_WORKSPACE)
    first, second = workspace["channels"][0]["samples"]
    first["data"], second["data"] = [signal], [background]
    workspace["observations"][0]["data"] = [events]
    return workspace


def slow(seed: float = 0.0) -> dict[str, Any]:
    """Sixty uncertainties in forty bins: fits for longer than any test waits."""
    bins = 40
    workspace = counting()
    channel = workspace["channels"][0]
    for sample, yields in zip(channel["samples"], (5.0, 50.0), strict=True):
        sample["data"] = [yields + seed + 0.1 * index for index in range(bins)]
    channel["samples"][1]["modifiers"] = [
        {"name": f"norm{index}", "type": "normsys", "data": {"hi": 1.0 + 0.01 * index, "lo": 0.9}}
        for index in range(1, 61)
    ]
    workspace["observations"][0]["data"] = [51.0 + index % 7 for index in range(bins)]
    return workspace


def question(workspace: dict[str, Any], mu: float = 1.0) -> bytes:
    return canonical_question(workspace, mu=mu, measurement=None, pyhf_version="0.7.6")
