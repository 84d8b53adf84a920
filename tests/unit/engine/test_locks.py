"""Whose lock it is, and what is done about it."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from sslab.cli.app import app
from sslab.engine.errors import EngineError
from sslab.engine.locks import Lock, this_user, told
from sslab.engine.stack import Stack
from sslab.site.loading import load_site
from tests.unit.engine import fake_pulumi

ROOT = Path(__file__).parents[3]
HERE = socket.gethostname()
SAID = """error: the stack is currently locked by 1 lock(s). Either wait for the other process(es) \
to end or delete the lock file with `pulumi cancel`.
  s3://states/.pulumi/locks/organization/ssl/nyu/abc.json?endpoint=http%3A%2F%2Fs3.example.edu: \
created by {user}@{host} (pid {pid}) at {since}
"""
# a lock is told until it is cancelled; anything else of Pulumi's does nothing
PULUMI = """#!/bin/sh
echo "$@" >> "$CALLS"
case "$1 $2" in
"stack rename") cat "$LOCK" >&2 || echo "error: a stack named local already exists" >&2; exit 255 ;;
"cancel "*) rm "$LOCK" ;;
esac
"""
HOUR = timedelta(hours=1)


@pytest.fixture
def ended() -> int:
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


@pytest.fixture
def stack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Stack:
    programs = fake_pulumi.laid(tmp_path, PULUMI)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    environment = {
        "PATH": f"{programs}:/usr/bin:/bin",
        "CALLS": str(tmp_path / "calls"),
        "LOCK": str(tmp_path / "lock"),
    }
    return Stack(tmp_path, load_site(ROOT / "sites/local.yaml"), environment)


def held(
    folder: Path, pid: int, *, host: str = HERE, user: str = "", ago: timedelta = HOUR / 60
) -> None:
    since = (datetime.now(UTC) - ago).isoformat(timespec="seconds")
    text = SAID.format(user=user or this_user(), host=host, pid=pid, since=since)
    (folder / "lock").write_text(text)


def test_pulumis_words_are_understood() -> None:
    said = SAID.format(user="ann", host="desk", pid=17, since="2026-11-25T22:05:37+01:00")
    assert told(said) == [Lock("ann", "desk", 17, datetime(2026, 11, 25, 21, 5, 37, tzinfo=UTC))]
    assert told("error: a stack named nyu already exists") == []


def test_locks_in_a_folder_are_read_there(tmp_path: Path) -> None:
    folder = tmp_path / ".pulumi/locks/organization/ssl/nyu"
    folder.mkdir(parents=True)
    about = {"username": "ann", "hostname": "desk", "pid": 17}
    lock = {**about, "timestamp": "2026-11-25T21:05:37.123456789Z"}
    (folder / "a.json").write_text(json.dumps(lock))
    (folder / "b.json").write_text("")
    (folder / "a.json.attrs").write_text("{}")
    site = load_site(ROOT / "sites/nyu.yaml")
    (found,) = Stack(tmp_path, site, {"PULUMI_BACKEND_URL": f"file://{tmp_path}"}).held()
    since = datetime(2026, 11, 25, 21, 5, 37, 123456, tzinfo=UTC)
    assert found == Lock("ann", "desk", 17, since)


def test_a_lock_says_who_where_since_when_and_whether_it_lives(ended: int) -> None:
    since = datetime.now(UTC) - 3 * HOUR
    elsewhere = str(Lock("ann", "desk", 17, since))
    assert re.match(r"locked by ann@desk, process 17, since .* UTC \(180 min ago\): ", elsewhere)
    assert elsewhere.endswith("cannot be known here")
    assert str(Lock("ann", HERE, ended, since)).endswith("that process has ended")
    now = datetime.now(UTC)
    assert str(Lock("ann", HERE, os.getpid(), now)).endswith("that process still runs")


def test_a_number_that_another_process_has_by_now_is_no_owner() -> None:
    before_this_machine_started = datetime(2001, 1, 1, tzinfo=UTC)
    assert Lock("ann", HERE, os.getpid(), before_this_machine_started).alive is False


def test_a_machine_that_has_no_name_of_its_own_is_not_taken_for_this_one(
    ended: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(socket, "gethostname", lambda: "localhost")
    assert Lock(this_user(), "localhost", ended, datetime.now(UTC)).alive is None


def test_what_this_user_left_here_is_released(
    stack: Stack, tmp_path: Path, ended: int, capsys: pytest.CaptureFixture[str]
) -> None:
    held(tmp_path, ended)
    stack.require_unlocked()
    assert "cancel --yes --stack local" in (tmp_path / "calls").read_text()
    assert f"a killed run had left: locked by {this_user()}@{HERE}" in capsys.readouterr().err
    stack.require_unlocked()
    assert (tmp_path / "calls").read_text().count("cancel") == 1


@pytest.mark.parametrize("whose", ["alive", "elsewhere", "another user's"])
def test_any_other_lock_stays_and_is_explained(
    whose: str, stack: Stack, tmp_path: Path, ended: int
) -> None:
    if whose == "alive":
        held(tmp_path, os.getpid(), ago=timedelta())
    elif whose == "elsewhere":
        held(tmp_path, ended, host="desk")
    else:
        held(tmp_path, ended, user="nobody-here")
    with pytest.raises(EngineError, match=r"^local is locked by .*; wait for it, or `sslab state"):
        stack.up(refresh=False, interactive=False)
    calls = (tmp_path / "calls").read_text()
    assert "cancel" not in calls
    assert "\nup " not in calls


@pytest.mark.parametrize(
    ("host", "dead", "ago", "words", "typed", "code", "message"),
    [
        (HERE, True, HOUR / 60, (), "", 0, "released"),
        (HERE, False, HOUR * 0, ("--yes",), "", 1, "still runs; wait for it"),
        ("desk", True, HOUR / 60, (), "nyu\n", 1, "'nyu' is not 'local'"),
        ("desk", True, HOUR / 60, (), "local\n", 0, "released"),
        ("desk", True, HOUR / 60, ("--yes",), "", 1, "younger than an hour"),
        ("desk", True, HOUR * 2, ("--yes",), "", 0, "released"),
    ],
)
def test_unlock_shows_and_asks(
    host: str,
    dead: bool,
    ago: timedelta,
    words: tuple[str, ...],
    typed: str,
    code: int,
    message: str,
    stack: Stack,
    tmp_path: Path,
    ended: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("sslab.laboratory.Laboratory.stack", lambda _: stack)
    held(tmp_path, ended if dead else os.getpid(), host=host, ago=ago)
    shown = CliRunner().invoke(app, ["state", "unlock", "local", *words], input=typed)
    assert f"local is locked by {this_user()}@{host}" in shown.output
    assert message in f"{shown.output}{shown.exception}"
    assert shown.exit_code == code
    assert (tmp_path / "lock").exists() == (code != 0)


def test_what_pulumi_cannot_tell_is_no_free_stack(stack: Stack, tmp_path: Path) -> None:
    (tmp_path / "lock").write_text("error: unexpected end of JSON input\n")
    with pytest.raises(EngineError, match="`pulumi stack rename` failed: error: unexpected end"):
        stack.require_unlocked()


def test_what_is_not_locked_is_told_so(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sslab.laboratory.Laboratory.stack", lambda _: stack)
    shown = CliRunner().invoke(app, ["state", "unlock", "local"])
    assert (shown.exit_code, shown.output) == (0, "local is not locked\n")
