"""What became worse from one run to the next, and how sites and revisions compare."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from statistics import median
from typing import Literal

from sslab.results.record import Record, Value

SLOWER_FACTOR = 3.0
SLOWER_LEAST_S = 1.0
SLOWER_RUNS = 10
"""A run is slower when it took more than so many times the median of the good runs before it, of
the last so many, and at least so many seconds more: a test of milliseconds scatters by factors."""

ANSWERS = "answers"
DURATION = "duration (s)"

Kind = Literal["lost", "moved", "slower"]


@dataclass(frozen=True, kw_only=True)
class Regression:
    """Something that became worse in a run: `before` and `now` are the two values."""

    record: Record
    check: str
    kind: Kind
    before: float | None
    now: float | None
    reason: str


@dataclass(frozen=True, kw_only=True)
class Standing:
    """How one number stands at one site with one revision: its newest value of `runs`."""

    pattern: str
    check: str
    site: str
    commit: str
    runs: int
    newest: Record
    value: Value

    @property
    def off(self) -> float | None:
        """How far the value is from the expected one, in tolerances; None where that means none."""
        value = self.value
        if value.value is None or value.expected is None or not value.tolerance:
            return None
        return (value.value - value.expected) / value.tolerance


def regressions(records: Sequence[Record]) -> tuple[Regression, ...]:
    """Return what became worse, by time; each site and pattern is compared with itself."""
    found = [
        regression
        for _, own in groupby(sorted(records, key=_series), key=lambda each: _series(each)[:2])
        for regression in _of_series(list(own))
    ]
    return tuple(sorted(found, key=lambda each: (each.record.time, each.record.pattern)))


def _series(record: Record) -> tuple[str, str, float]:
    return record.site, record.pattern, record.time.timestamp()


def _of_series(records: Sequence[Record]) -> Iterator[Regression]:
    """Yield what became worse in the runs of one pattern at one site."""
    last: dict[str, tuple[Record, Value]] = {}
    durations: list[float] = []
    answered = True
    for record in records:
        if record.problem is not None:
            if answered and last:
                yield Regression(
                    record=record, check=ANSWERS, kind="lost", before=None, now=None,
                    reason=f"there was no answer: {record.problem}",
                )  # fmt: skip
            answered = False
            continue
        answered = True
        for value in record.values:
            if value.check in last:
                yield from _of_value(*last[value.check], record, value)
            last[value.check] = (record, value)
        yield from _of_duration(record, durations)
        if record.passed:
            durations.append(record.duration_s)


def _of_value(before: Record, old: Value, record: Record, new: Value) -> Iterator[Regression]:
    """Yield whether a number left its tolerance, or moved by more than that with the revision.

    With other parameters (another seed, more events) it is another number, and may move.
    """
    changed = _changed_parameters(before, record)
    if old.passed and not new.passed:
        yield Regression(
            record=record, check=new.check, kind="lost", before=old.value, now=new.value,
            reason=f"was within its tolerance at {_short(before.commit)} and is not now{changed}",
        )  # fmt: skip
    elif old.value is not None and new.value is not None and new.tolerance is not None:
        moved = abs(new.value - old.value)
        if _another_revision(before, record) and not changed and moved > new.tolerance:
            yield Regression(
                record=record, check=new.check, kind="moved", before=old.value, now=new.value,
                reason=f"moved by {moved:.4g}, more than its tolerance of {new.tolerance:.4g}, "
                f"since {_short(before.commit)}",
            )  # fmt: skip


def _of_duration(record: Record, before: Sequence[float]) -> Iterator[Regression]:
    if not before:
        return
    usual = median(before[-SLOWER_RUNS:])
    took = record.duration_s
    if took > SLOWER_FACTOR * usual and took > usual + SLOWER_LEAST_S:
        yield Regression(
            record=record, check=DURATION, kind="slower", before=usual, now=took,
            reason=f"took {took:.2f} s, and {usual:.2f} s before",
        )  # fmt: skip


def _another_revision(before: Record, record: Record) -> bool:
    """Tell whether the code may be another: what is `-dirty` may differ from itself."""
    return before.commit != record.commit or record.commit.endswith("-dirty")


def _changed_parameters(before: Record, record: Record) -> str:
    names = sorted(before.parameters.keys() | record.parameters.keys())
    changed = [
        f"{name} from {before.parameters.get(name)} to {record.parameters.get(name)}"
        for name in names
        if before.parameters.get(name) != record.parameters.get(name)
    ]
    return f"; changed as well: {', '.join(changed)}" if changed else ""


def _short(commit: str) -> str:
    return commit[:8] + ("-dirty" if commit.endswith("-dirty") else "")


def standings(records: Sequence[Record]) -> tuple[Standing, ...]:
    """Return each number by pattern, site and revision: the newest revision of a site first."""
    groups: dict[tuple[str, str, str, str], list[tuple[Record, Value]]] = {}
    for record in sorted(records, key=lambda each: each.time):
        for value in record.values:
            name = (record.pattern, value.check, record.site, record.commit)
            groups.setdefault(name, []).append((record, value))
    rows = [
        Standing(
            pattern=pattern, check=check, site=site, commit=commit,
            runs=len(own), newest=own[-1][0], value=own[-1][1],
        )
        for (pattern, check, site, commit), own in groups.items()
    ]  # fmt: skip
    return tuple(sorted(rows, key=_newest_revision_first))


def _newest_revision_first(row: Standing) -> tuple[str, str, str, float]:
    return row.pattern, row.check, row.site, -row.newest.time.timestamp()
