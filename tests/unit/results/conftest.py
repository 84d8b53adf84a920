from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from sslab.checks import access as access_module
from sslab.checks.access import SiteAccess
from sslab.results import reading
from sslab.results.record import Record, Value
from tests.unit.results.storage import ObjectStorage, running

BEGAN = datetime(2026, 11, 26, 1, 2, 3, 456, tzinfo=UTC)
COMMITS = ("a" * 40, "b" * 40)


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    for module, name in ((access_module, "WARM_UP_S"), (access_module, "RECORDS_S")):
        monkeypatch.setattr(module, name, 0.1)
    monkeypatch.setattr(reading, "RECORDS_S", 0.1)


@pytest.fixture
def laboratory() -> Iterator[tuple[ObjectStorage, SiteAccess]]:
    with running() as found:
        yield found


def value(number: float | None, **changes: Any) -> Value:
    """Return a mass, expected at 91.2 +- 0.1 GeV."""
    expected, tolerance = 91.2, 0.1
    good = number is not None and abs(number - expected) <= tolerance
    given = {"check": "m_Z (GeV)", "value": number, "expected": expected, "tolerance": tolerance}
    return Value(**{**given, "passed": good, **changes})


def record(number: float | None = 91.2, run: int = 0, **changes: Any) -> Record:
    """Return the record of the nth run, each a minute after the one before."""
    given: dict[str, Any] = {
        "pattern": "z-peak",
        "site": "local",
        "time": BEGAN + timedelta(minutes=run),
        "commit": COMMITS[0],
        "image": "sha256:0123",
        "duration_s": 0.2,
        "values": (value(number),),
    }
    return Record(**{**given, **changes})
