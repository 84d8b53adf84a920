"""Reading the records of a site back."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from sslab.checks.access import RECORDS_S, SiteAccess
from sslab.errors import SslabError
from sslab.results.record import KEY, PREFIX, Record, read

READERS = 8
"""Records that are read at once."""


@dataclass(frozen=True, kw_only=True)
class Found:
    """Records by time; `older` ones were not read, and the `unreadable` are named with why."""

    records: tuple[Record, ...] = ()
    older: int = 0
    unreadable: tuple[str, ...] = ()


def records(access: SiteAccess, patterns: Sequence[str], newest: int) -> Found:
    """Return the newest records of each pattern of a site. Raises SslabError without an answer."""
    found: list[Record] = []
    unreadable: list[str] = []
    older = 0
    for pattern in patterns:
        keys = sorted(key for key in access.keys(pattern, PREFIX) if KEY.fullmatch(key))
        older += max(0, len(keys) - newest)
        with ThreadPoolExecutor(READERS) as pool:
            for one in pool.map(lambda key: _read(access, pattern, key), keys[-newest:]):  # noqa: B023
                if isinstance(one, Record):
                    found.append(one)
                else:
                    unreadable.append(one)
    found.sort(key=lambda record: (record.time, record.pattern))
    return Found(records=tuple(found), older=older, unreadable=tuple(unreadable))


def _read(access: SiteAccess, pattern: str, key: str) -> Record | str:
    """Return a record, or what is wrong with it: one that is damaged hides no other."""
    try:
        record = read(access.stored(pattern, key, RECORDS_S))
    except SslabError as error:
        return f"{access.site.name}: {pattern}/{key} {error}"
    if (record.pattern, record.site) != (pattern, access.site.name):
        return (
            f"{access.site.name}: {pattern}/{key} is of {record.pattern} at {record.site}: "
            "it does not count here"
        )
    return record
