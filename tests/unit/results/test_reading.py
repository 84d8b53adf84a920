"""Records are read page by page, the newest of them, and what is none hides no other."""

from __future__ import annotations

import pytest

from sslab.checks.access import SiteAccess
from sslab.checks.errors import CheckError
from sslab.results.reading import records
from tests.unit.results.conftest import record
from tests.unit.results.storage import ObjectStorage

pytestmark = pytest.mark.volume

Laboratory = tuple[ObjectStorage, SiteAccess]


def store(storage: ObjectStorage, runs: int) -> None:
    for run in range(runs):
        one = record(run=run)
        storage.objects[f"/z-peak/{one.key}"] = one.document()


@pytest.mark.parametrize("page", [1, 2, 5, 6, 1000])
def test_records_come_from_every_page_by_time(laboratory: Laboratory, page: int) -> None:
    storage, access = laboratory
    store(storage, 5)
    storage.page = page
    storage.objects["/z-peak/results/z-peak.json"] = b"the pattern's own"
    found = records(access, ["z-peak"], 9)
    assert [one.time for one in found.records] == [record(run=run).time for run in range(5)]
    assert (found.older, found.unreadable) == (0, ())


def test_the_newest_are_read_and_the_others_counted(laboratory: Laboratory) -> None:
    storage, access = laboratory
    store(storage, 5)
    found = records(access, ["z-peak", "fitting-service"], 2)
    assert [one.time for one in found.records] == [record(run=run).time for run in (3, 4)]
    assert found.older == 3
    read = [path for method, path, _ in storage.asked if path.endswith(".json")]
    assert len(read) == 2


def test_a_damaged_record_is_named_and_hides_no_other(laboratory: Laboratory) -> None:
    storage, access = laboratory
    store(storage, 3)
    damaged, foreign = record(run=7), record(run=8, site="nyu")
    storage.objects[f"/z-peak/{damaged.key}"] = damaged.document()[:40]
    storage.objects[f"/z-peak/{foreign.key}"] = foreign.document()
    found = records(access, ["z-peak"], 9)
    assert len(found.records) == 3
    assert found.unreadable == (
        f"local: z-peak/{damaged.key} is no JSON document",
        f"local: z-peak/{foreign.key} is of z-peak at nyu: it does not count here",
    )


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (b"<html", r"the list of z-peak/results/ is no XML"),
        (b"<List><IsTruncated>true</IsTruncated></List>", "goes on and does not say where"),
        (
            b"<List><IsTruncated>true</IsTruncated>"
            b"<NextContinuationToken>same</NextContinuationToken></List>",
            "goes on and does not say where",
        ),
    ],
)
def test_a_list_that_makes_no_sense_is_refused_and_never_endless(
    laboratory: Laboratory, answer: bytes, message: str
) -> None:
    storage, access = laboratory
    storage.answer = answer
    with pytest.raises(CheckError, match=message):
        records(access, ["z-peak"], 9)
    assert len(storage.asked) <= 2


@pytest.mark.parametrize("key", ["a b.json", "ä+&?#%20.json"])
def test_any_key_is_written_and_read_as_it_is(laboratory: Laboratory, key: str) -> None:
    storage, access = laboratory
    access.keep("z-peak", key, b"{}")
    assert set(storage.objects) == {f"/z-peak/{key}"}
    assert access.stored("z-peak", key) == b"{}"
    assert list(access.keys("z-peak", key[0])) == [key]


def test_storage_that_refuses_is_told(laboratory: Laboratory) -> None:
    storage, access = laboratory
    storage.refuses["GET"] = 403
    with pytest.raises(CheckError, match="answered 403"):
        records(access, ["z-peak"], 9)


def test_a_bucket_that_does_not_answer_hides_no_other(laboratory: Laboratory) -> None:
    storage, access = laboratory
    store(storage, 2)
    found = records(access, ["never-deployed", "z-peak"], 9)
    assert len(found.records) == 2
    assert found.unreadable == (
        "local: the stack of local has no s3-never-deployed-access-key and no "
        "s3-never-deployed-secret-key; `sslab secrets list local` shows what there is",
    )


def test_a_site_without_patterns_has_no_records(laboratory: Laboratory) -> None:
    assert records(laboratory[1], [], 9).records == ()
