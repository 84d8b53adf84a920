"""Progress of long work: a live line in a terminal, plain lines without one."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.status import Status

HEARTBEAT_S = 30.0
"""Without a terminal, work that takes longer than this says that it goes on."""


def duration(seconds: float) -> str:
    """Return a duration as people write it: `4.2 s`, `1 min 05 s`."""
    if seconds < 60:
        return f"{seconds:.1f} s"
    return f"{int(seconds // 60)} min {int(seconds % 60):02d} s"


class Progress:
    """Tells on standard error what goes on, so that standard output stays for results."""

    def __init__(self, console: Console | None = None) -> None:
        self.console = console or Console(file=sys.stderr, highlight=False, soft_wrap=True)
        self._status: Status | None = None

    def line(self, text: str) -> None:
        """Print one line that stays."""
        self.console.print(text, markup=False)

    @contextmanager
    def step(self, what: str) -> Iterator[None]:
        """Show `what` while the block runs, and how long it took when it has ended."""
        started = time.monotonic()
        done = threading.Event()
        outer = self._status
        if self.console.is_terminal:
            if outer is not None:
                outer.update(f"{what} ...")
            else:
                self._status = self.console.status(f"{what} ...")
                self._status.start()
        threading.Thread(target=self._tick, args=(what, started, done), daemon=True).start()
        try:
            yield
        finally:
            done.set()
            if outer is None and self._status is not None:
                self._status.stop()
                self._status = None
        self.line(f"  {what}: {duration(time.monotonic() - started)}")

    def _tick(self, what: str, started: float, done: threading.Event) -> None:
        """Keep the elapsed time current until the step is done."""
        terminal = self.console.is_terminal
        while not done.wait(1.0 if terminal else HEARTBEAT_S):
            elapsed = duration(time.monotonic() - started)
            if self._status is not None:
                self._status.update(f"{what} ... {elapsed}")
            elif not terminal:
                self.line(f"  {what} ... {elapsed}")
