"""One worker process: its own main loop, and the handle by which the service holds it.

The standard ``ProcessPoolExecutor`` gives up on all of its processes when one of them dies and
cannot end a call that takes too long. Here each process has its own pipe, so that a killed or
overdue fit costs exactly its own request, and a process ends by itself when the service is gone.
"""

import resource
import signal
import threading
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerContext
from pathlib import Path

from .outcome import Outcome

MIB = 1024 * 1024

# multiprocessing keeps its list of children without a lock of its own.
_lifecycle = threading.Lock()


class WorkerLostError(Exception):
    """The process ended in the middle of a fit; the message says how."""


class WorkerGoneError(Exception):
    """The process had ended before it was given the question: ask another one."""


class TimeLimitError(Exception):
    """The fit took longer than it may; its process has been ended."""


def new_context() -> ForkServerContext:
    """A start method that imports pyhf once and then forks: 10 ms and shared memory a worker."""
    context = ForkServerContext()
    context.set_forkserver_preload([f"{__package__}.fit"])
    return context


def serve(connection: Connection, memory_mib: int) -> None:
    """Answer questions until the other end of the pipe is closed: a worker's whole life."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the service to handle
    # Imported here and not above: the service's own process must stay free of pyhf's memory.
    from .fit import answer, be_quiet

    be_quiet()
    _cap_memory(memory_mib)
    while True:
        try:
            connection.send(answer(connection.recv_bytes()))
        except (EOFError, OSError):
            return


def _cap_memory(memory_mib: int) -> None:
    """Turn a fit that grows without end into a MemoryError, before it costs the whole pod."""
    data_kib = int(Path("/proc/self/status").read_text().split("VmData:")[1].split()[0])
    limit = data_kib * 1024 + memory_mib * MIB
    resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))


class Worker:
    """The service's handle on one process. Its methods block; call them in a thread."""

    def __init__(self, context: ForkServerContext, *, memory_mib: int) -> None:
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=serve, args=(theirs, memory_mib), daemon=True)
        with _lifecycle:
            self._process.start()
        theirs.close()

    @property
    def pid(self) -> int:
        """The process's number."""
        return self._process.pid or 0

    def ask(self, question: bytes, timeout_s: float) -> Outcome:
        """Have one question answered.

        Raises :class:`WorkerGoneError` before, :class:`WorkerLostError` and
        :class:`TimeLimitError` while the question is being answered; the process is then gone.
        """
        with _lifecycle:
            alive = self._process.is_alive()
        if not alive:
            raise WorkerGoneError
        try:
            self._pipe.send_bytes(question)
            if self._pipe.poll(timeout_s):
                outcome: Outcome = self._pipe.recv()
                return outcome
        except (EOFError, OSError):
            raise WorkerLostError(self.end()) from None
        self.end()
        raise TimeLimitError

    def end(self) -> str:
        """Kill the process and wait until it is gone; returns how it ended, in words.

        The pipe stays open, since another thread may still be reading it.
        """
        with _lifecycle:
            self._process.kill()
            self._process.join(timeout=5.0)
        code = self._process.exitcode
        if code == -signal.SIGKILL:
            return "killed, most likely for its use of memory"
        return f"exit code {code}" if code is None or code >= 0 else f"signal {-code}"
