from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from sslab.images import command
from sslab.images.errors import ImageError

ROOT_ONLY = pytest.mark.skipif(os.geteuid() != 0, reason="namespaces need root")


@pytest.fixture(autouse=True)
def plain(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if "namespaces" not in request.node.name:
        monkeypatch.setattr(command, "NAMESPACES", ())


def test_output_goes_to_the_log(tmp_path: Path) -> None:
    log = tmp_path / "log"
    for word in ("one", "two"):
        command.run(["echo", word], what="echoing", log=log)
    assert log.read_text() == "one\ntwo\n"


def test_a_program_without_an_answer_in_time_is_ended(tmp_path: Path) -> None:
    started = time.monotonic()
    with pytest.raises(ImageError, match="asking failed"):
        command.run(
            ["sleep", "30"], what="asking", log=tmp_path / "log", first_answer=("hello", 0.1)
        )
    assert time.monotonic() - started < 10


def test_a_program_that_answered_may_take_longer(tmp_path: Path) -> None:
    command.run(
        ["sh", "-c", "echo hello; sleep 1; echo end"],
        what="asking",
        log=tmp_path / "log",
        first_answer=("hello", 0.5),
    )
    assert (tmp_path / "log").read_text() == "hello\nend\n"


@ROOT_ONLY
def test_namespaces_leave_no_mount_and_no_process(tmp_path: Path) -> None:
    (tmp_path / "mounted").mkdir()
    marker = f"{os.getpid()}.25"
    command.run(
        ["sh", "-c", f"mount -t tmpfs none mounted && touch mounted/file && sleep {marker} &"],
        what="mounting",
        log=tmp_path / "log",
    )
    assert not list((tmp_path / "mounted").iterdir())
    assert str(tmp_path) not in Path("/proc/mounts").read_text()
    assert not _runs(f"sleep\0{marker}")


@ROOT_ONLY
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_namespaces_end_with_the_program_that_runs_them(tmp_path: Path, number: int) -> None:
    seconds = f"{3000 + number}.{os.getpid()}"
    call = f"command.run(['sleep', '{seconds}'], what='w', log=Path('{tmp_path}/log'))"
    code = f"from pathlib import Path; from sslab.images import command; {call}"
    with subprocess.Popen(
        [sys.executable, "-c", code],
        stderr=subprocess.DEVNULL,
        # where the tests run in the background, Ctrl-C is ignored, and children inherit that
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    ) as runner:
        _until(lambda: _runs(f"sleep\0{seconds}"))
        runner.send_signal(number)
    assert runner.returncode == -number
    _until(lambda: not _runs(f"sleep\0{seconds}"))


def _runs(line: str) -> bool:
    """Tell whether a process has the command line, its words separated by NUL."""
    for file in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):  # ended meanwhile
            if file.read_text(errors="replace").startswith(line):
                return True
    return False


def _until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.02)
