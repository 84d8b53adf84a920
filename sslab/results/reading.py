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
    """Return the newest records of each pattern of a site.

    A bucket that does not answer hides no other; raises SslabError where none does.
    """
    with ThreadPoolExecutor(READERS) as pool:
        listed = list(pool.map(lambda pattern: _keys(access, pattern), patterns))
        failures = [each for each in listed if isinstance(each, SslabError)]
        if failures and len(failures) == len(patterns):
            raise failures[0]
        keys = [each for each in listed if not isinstance(each, SslabError)]
        chosen = [one for each in keys for one in each[-newest:]]
        read_back = list(pool.map(lambda one: _read(access, *one), chosen))
    found = [each for each in read_back if isinstance(each, Record)]
    found.sort(key=lambda record: (record.time, record.pattern))
    return Found(
        records=tuple(found),
        older=sum(max(0, len(each) - newest) for each in keys),
        unreadable=(
            *(f"{access.site.name}: {failure}" for failure in failures),
            *(each for each in read_back if isinstance(each, str)),
        ),
    )


def _keys(access: SiteAccess, pattern: str) -> list[tuple[str, str]] | SslabError:
    """Return the pattern with the key of each of its records by time, or why they are not known."""
    try:
        found = sorted(key for key in access.keys(pattern, PREFIX) if KEY.fullmatch(key))
    except SslabError as error:
        return error
    return [(pattern, key) for key in found]


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
