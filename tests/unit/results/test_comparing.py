"""What counts as worse, and how sites and revisions stand beside each other."""

from __future__ import annotations

import pytest

from sslab.results.comparing import SLOWER_FACTOR, regressions, standings
from sslab.results.record import Record
from tests.unit.results.conftest import COMMITS, record, value

OLD, NEW = COMMITS


def kinds(*records: Record) -> list[tuple[str, str]]:
    return [(each.kind, each.check) for each in regressions(records)]


def test_a_number_that_leaves_its_tolerance_is_lost_once() -> None:
    runs = [record(91.2, 0), record(91.31, 1), record(91.31, 2), record(91.2, 3)]
    (lost,) = regressions(runs)
    assert (lost.kind, lost.before, lost.now, lost.record) == ("lost", 91.2, 91.31, runs[1])
    assert lost.reason == "was within its tolerance at aaaaaaaa and is not now"


def test_a_number_that_was_never_right_did_not_become_worse() -> None:
    assert kinds(record(91.4, 0), record(91.4, 1)) == []


def test_a_number_moves_when_the_revision_moves_it_by_more_than_its_tolerance() -> None:
    low, high = 91.14, 91.26  # both within 91.2 +- 0.1, and 0.12 apart
    assert kinds(record(low, 0), record(high, 1, commit=NEW)) == [("moved", "m_Z (GeV)")]
    assert kinds(record(low, 0), record(high, 1)) == []  # the same revision
    assert kinds(record(low, 0), record(91.23, 1, commit=NEW)) == []
    (moved,) = regressions([record(low, 0), record(high, 1, commit=NEW)])
    assert moved.reason == "moved by 0.12, more than its tolerance of 0.1, since aaaaaaaa"


def test_a_dirty_clone_may_differ_from_itself() -> None:
    dirty = f"{OLD}-dirty"
    assert kinds(record(91.14, 0, commit=dirty), record(91.26, 1, commit=dirty)) == [
        ("moved", "m_Z (GeV)")
    ]


def test_a_count_has_no_tolerance_and_moves_by_one() -> None:
    counts = [
        record(run=run, commit=commit, values=(value(number, tolerance=0.0, passed=True),))
        for run, (number, commit) in enumerate([(9, OLD), (9, NEW), (10, OLD)])
    ]
    assert kinds(*counts) == [("moved", "m_Z (GeV)")]


def test_other_parameters_are_told_with_what_they_may_have_moved() -> None:
    before = record(91.2, 0, parameters={"seed": 7, "events": 10})
    (lost,) = regressions([before, record(91.4, 1, parameters={"seed": 8, "events": 10})])
    assert lost.reason.endswith("; changed as well: seed from 7 to 8")


def test_a_number_of_another_sample_may_move() -> None:
    low, high = record(91.14, 0, parameters={"seed": 7}), 91.26
    assert kinds(low, record(high, 1, commit=NEW, parameters={"seed": 8})) == []
    assert kinds(low, record(high, 1, commit=NEW, parameters={"seed": 7})) == [
        ("moved", "m_Z (GeV)")
    ]


def test_no_answer_is_lost_once_and_numbers_are_held_against_the_last_ones() -> None:
    silent = [
        record(None, run, problem="no pod", values=(value(None, check="answers"),))
        for run in (1, 2)
    ]
    runs = [record(91.2, 0), *silent, record(91.4, 3)]
    assert kinds(*runs) == [("lost", "answers"), ("lost", "m_Z (GeV)")]
    assert regressions(runs)[0].reason == "there was no answer: no pod"


@pytest.mark.parametrize(
    ("before", "now", "slower"),
    [
        ([2.0], 2.0 * SLOWER_FACTOR + 0.01, True),
        ([2.0], 2.0 * SLOWER_FACTOR - 0.01, False),
        ([0.01], 0.5, False),  # fifty times, and nobody would notice
        ([2.0, 2.0, 100.0], 7.0, True),  # one slow run makes no rule
        ([], 100.0, False),
    ],
)
def test_a_run_is_slower_than_the_median_before_it(
    before: list[float], now: float, slower: bool
) -> None:
    runs = [record(run=run, duration_s=took) for run, took in enumerate([*before, now])]
    found = [each for each in regressions(runs) if each.record is runs[-1]]
    assert [each.kind for each in found] == (["slower"] if slower else [])


def test_sites_and_patterns_are_each_compared_with_themselves() -> None:
    assert kinds(record(91.2, 0), record(91.4, 1, site="nyu"), record(91.4, 2, pattern="x")) == []
    assert kinds(record(91.2, 0), record(91.2, 1, site="nyu"), record(91.4, 2)) == [
        ("lost", "m_Z (GeV)")
    ]


def test_the_order_in_which_records_are_read_changes_nothing() -> None:
    runs = [record(91.2, 0), record(91.4, 1), record(91.2, 2, commit=NEW)]
    assert regressions(runs[::-1]) == regressions(runs)


def test_standings_tell_the_newest_value_by_site_and_revision() -> None:
    rows = standings(
        [
            record(91.21, 0),
            record(91.22, 1),
            record(91.25, 2, commit=NEW),
            record(91.1, 3, site="nyu"),
        ]
    )
    assert [(row.site, row.commit, row.runs, row.value.value) for row in rows] == [
        ("local", NEW, 1, 91.25),
        ("local", OLD, 2, 91.22),
        ("nyu", OLD, 1, 91.1),
    ]
    assert [row.off for row in rows] == pytest.approx([0.5, 0.2, -1.0])


def test_without_a_tolerance_there_is_no_distance() -> None:
    (row,) = standings([record(values=(value(9.0, tolerance=0.0),))])
    assert row.off is None
