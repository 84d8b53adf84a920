"""What Pulumi's record of an update tells."""

from __future__ import annotations

from typing import Any

from sslab.engine.history import Update, _update, before

RECORD: dict[str, Any] = {
    "version": 0,
    "kind": "update",
    "startTime": "2026-11-25T21:05:37.000Z",
    "message": "alice@host",
    "environment": {
        "exec.kind": "cli",
        "git.dirty": "false",
        "git.head": "c58e066eadab62b798155dd415956dbd744f36b1",
    },
    "config": {"ssl:s3-admin-secret-key": {"secret": True}},
    "result": "succeeded",
    "endTime": "2026-11-25T21:05:38.000Z",
    "resourceChanges": {"same": 3, "create": 1, "delete": 0},
}


def update(revision: str, result: str = "succeeded", **about: str) -> Update:
    environment = {"git.head": revision, "git.dirty": "false", **about}
    return _update({**RECORD, "result": result, "environment": environment})


def test_a_record_says_when_who_what() -> None:
    assert _update(RECORD).as_json() == {
        "kind": "update",
        "result": "succeeded",
        "started": "2026-11-25T21:05:37+00:00",
        "ended": "2026-11-25T21:05:38+00:00",
        "who": "alice@host",
        "revision": "c58e066eadab62b798155dd415956dbd744f36b1",
        "dirty": False,
        "message": None,
        "changes": {"create": 1, "same": 3},
    }


def test_what_was_not_recorded_is_empty() -> None:
    bare = {"kind": "refresh", "startTime": RECORD["startTime"], "message": "by hand"}
    found = _update(bare)
    assert (found.who, found.revision, found.dirty, found.ended) == ("", "", False, None)
    assert found.message == "by hand"
    assert not found.succeeded


def test_a_workflow_is_named_by_its_run() -> None:
    about = {"ci.system": "GitHub", "ci.build.number": "17"}
    assert update("a", **about).who == "GitHub 17"


def test_the_one_before_succeeded_with_another_revision() -> None:
    assert before([update("c"), update("c"), update("b", "failed"), update("a")]) == update("a")
    assert before([update("b", "failed"), update("a")]) == update("a")
    assert before([update("a"), update("a")]) is None
    assert before([]) is None


def test_the_one_before_is_what_a_revision_describes() -> None:
    dirty = update("b", **{"git.dirty": "true"})
    assert before([update("c"), dirty, update("a")]) == update("a")
    assert before([dirty, update("b"), update("a")]) == update("b"), "without the changes"
