"""The worker processes as one resource: waiting for a free one, and replacing lost ones."""

import asyncio
import functools
import logging
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, TypeVar

from .documents import canonical_question
from .example import COUNTING_WORKSPACE
from .outcome import Fitted, Outcome
from .worker import Worker, WorkerGoneError, new_context

log = logging.getLogger("fitting_service.pool")

WARM_UP_TIMEOUT_S = 120.0
_WARM_UP = canonical_question(COUNTING_WORKSPACE, mu=1.0, measurement=None, pyhf_version="")
_LONGEST_PAUSE_S = 30.0


P = ParamSpec("P")
T = TypeVar("T")


class BusyError(Exception):
    """Too many fits wait already, or one has waited too long."""


class WorkerPool:
    """A fixed number of warm worker processes.

    A worker is given out only after it has done a small fit, so that the first request does not
    wait for the import of pyhf. A worker that is lost is replaced in the background.
    """

    def __init__(self, *, size: int, timeout_s: float, memory_mib: int, queue_limit: int) -> None:
        self.size = size
        self.warm = 0
        self.waiting = 0
        self.busy = 0
        self.replaced = 0
        self._timeout_s = timeout_s
        self._memory_mib = memory_mib
        self._queue_limit = queue_limit
        self._context = new_context()
        self._threads = ThreadPoolExecutor(size, thread_name_prefix="worker")
        self._workers: set[Worker] = set()
        self._free: asyncio.Queue[Worker] = asyncio.Queue()
        self._starting: set[asyncio.Task[None]] = set()
        self._closed = False

    def start(self) -> None:
        """Begin to start the workers; :attr:`warm` counts those that are ready."""
        for _ in range(self.size):
            self._start_one()

    def pids(self) -> list[int]:
        """The processes' numbers."""
        return sorted(worker.pid for worker in self._workers)

    async def run(self, question: bytes) -> tuple[Outcome, float]:
        """Answer a canonical question on the next free worker; also the seconds it took there.

        Raises :class:`BusyError`, :class:`WorkerLostError` or :class:`TimeLimitError`.
        """
        while True:
            worker = await self._take()
            self.busy += 1
            started = time.monotonic()
            try:
                outcome = await self._call(worker.ask, question, self._timeout_s)
            except WorkerGoneError:
                # It died while idle: not this question's doing, so it is asked again.
                self._replace(worker)
            except Exception:
                await asyncio.to_thread(worker.end)
                self._replace(worker)
                raise
            else:
                self._free.put_nowait(worker)
                return outcome, time.monotonic() - started
            finally:
                self.busy -= 1

    async def close(self) -> None:
        """End every worker process, busy or not."""
        self._closed = True
        for task in self._starting:
            task.cancel()
        self._threads.shutdown(wait=False, cancel_futures=True)
        await asyncio.gather(*(asyncio.to_thread(worker.end) for worker in list(self._workers)))
        self._workers.clear()
        self.warm = 0

    async def _take(self) -> Worker:
        if self._free.empty() and self.waiting >= self._queue_limit:
            raise BusyError
        self.waiting += 1
        try:
            # A fit that has waited as long as one may take would keep its client too long.
            async with asyncio.timeout(self._timeout_s):
                return await self._free.get()
        except TimeoutError:
            raise BusyError from None
        finally:
            self.waiting -= 1

    async def _call(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        call = functools.partial(function, *args, **kwargs)
        return await asyncio.get_running_loop().run_in_executor(self._threads, call)

    def _replace(self, worker: Worker) -> None:
        self._workers.discard(worker)
        self.warm -= 1
        self.replaced += 1
        if not self._closed:
            self._start_one()

    def _start_one(self) -> None:
        task = asyncio.create_task(self._keep_starting())
        self._starting.add(task)
        task.add_done_callback(self._starting.discard)

    async def _keep_starting(self) -> None:
        pause_s = 1.0
        while True:
            try:
                worker = await self._call(self._warm_worker)
            except Exception as error:
                log.error("worker failed to start error=%r retry_in_s=%g", str(error), pause_s)
                await asyncio.sleep(pause_s)
                pause_s = min(2.0 * pause_s, _LONGEST_PAUSE_S)
            else:
                self.warm += 1
                self._free.put_nowait(worker)
                return

    def _warm_worker(self) -> Worker:
        worker = Worker(self._context, memory_mib=self._memory_mib)
        self._workers.add(worker)
        try:
            outcome = worker.ask(_WARM_UP, WARM_UP_TIMEOUT_S)
            if not isinstance(outcome, Fitted):
                raise RuntimeError(outcome.message)
        except Exception:
            worker.end()
            self._workers.discard(worker)
            raise
        log.info("worker warm pid=%d", worker.pid)
        return worker
