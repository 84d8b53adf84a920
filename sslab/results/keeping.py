"""Keeping what smoke tests found: a record a pattern, in that pattern's own bucket."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any

from pydantic import ValidationError

from sslab.checks.access import SiteAccess
from sslab.checks.model import Check
from sslab.checks.outcome import KEY as OUTCOME
from sslab.checks.outcome import outcome
from sslab.errors import SslabError
from sslab.results.record import Record, Value, finite


def keep(access: SiteAccess, checks: Sequence[Check], began: datetime) -> Iterator[str]:
    """Write the record of every pattern that has a bucket; yield why one was not kept.

    A smoke test is no worse for a record that is missing: nothing is raised.
    """
    for pattern, found in groupby(checks, key=lambda check: check.pattern):
        if pattern not in access.site.patterns or pattern not in access.site.buckets:
            continue
        try:
            record = _record(access, pattern, tuple(found), began)
            access.keep(pattern, record.key, record.document())
        except SslabError as error:
            yield f"{pattern}: the record of this run was not kept: {error}"


def _record(access: SiteAccess, pattern: str, checks: Sequence[Check], began: datetime) -> Record:
    first = checks[0]
    told: dict[str, Any] = {
        "pattern": pattern,
        "site": access.site.name,
        "time": began,
        "commit": first.commit,
        "image": first.image,
        "duration_s": first.duration_s,
        "values": tuple(map(_value, checks)),
        "problem": first.problem,
    }
    found = _outcome(access, pattern)
    try:
        return Record(
            **told, parameters=found.get("parameters", {}), metrics=found.get("metrics", {})
        )
    except ValidationError:  # of the outcome: what this clone measured is right by its types
        return Record(**told)


def _value(check: Check) -> Value:
    return Value(
        check=check.check,
        value=finite(check.value),
        expected=finite(check.expected),
        tolerance=finite(check.tolerance),
        passed=check.passed,
    )


def _outcome(access: SiteAccess, pattern: str) -> Mapping[str, Any]:
    """Return the outcome of the pattern's analysis; nothing where it has left none."""
    if OUTCOME not in access.keys(pattern, OUTCOME):
        return {}
    try:
        return outcome(access, pattern)
    except SslabError:  # the smoke test has told what is wrong with it
        return {}
