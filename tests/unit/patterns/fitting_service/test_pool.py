"""Worker processes: killed, overdue, greedy and orphaned ones."""

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from patterns.fitting_service.workload.fitting_service.outcome import Fitted, Refused
from patterns.fitting_service.workload.fitting_service.pool import BusyError, WorkerPool
from patterns.fitting_service.workload.fitting_service.worker import (
    TimeLimitError,
    Worker,
    WorkerLostError,
    new_context,
)
from tests.unit.patterns.fitting_service.conftest import wait_until
from tests.unit.patterns.fitting_service.fakes import counting, question, slow

pytestmark = pytest.mark.volume

FIRST, SECOND = question(slow()), question(slow(seed=1.0))


@asynccontextmanager
async def pool_of(
    size: int, *, timeout_s: float = 60.0, queue_limit: int = 8
) -> AsyncIterator[WorkerPool]:
    pool = WorkerPool(size=size, timeout_s=timeout_s, memory_mib=256, queue_limit=queue_limit)
    pool.start()
    try:
        await until(lambda: pool.warm == size)
        yield pool
    finally:
        await pool.close()


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(120.0):
        while not condition():
            await asyncio.sleep(0.01)


def run(test: Callable[[], Awaitable[None]]) -> None:
    async def bounded() -> None:
        async with asyncio.timeout(300.0):
            await test()

    asyncio.run(bounded())


def _is_gone(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "Z"
    except FileNotFoundError:
        return True


def test_a_killed_worker_costs_its_own_request_alone() -> None:
    async def test() -> None:
        async with pool_of(2) as pool:
            lost = asyncio.create_task(pool.run(FIRST))
            await until(lambda: pool.busy == 1)
            busy = next(pid for pid in pool.pids() if _has_question(pool, pid))
            other = asyncio.create_task(pool.run(question(counting())))
            os.kill(busy, signal.SIGKILL)
            with pytest.raises(WorkerLostError, match="killed"):
                await lost
            outcome, _ = await other
            assert isinstance(outcome, Fitted)
            await until(lambda: pool.warm == 2)
            assert pool.replaced == 1
            assert busy not in pool.pids()

    run(test)


def _has_question(pool: WorkerPool, pid: int) -> bool:
    """Only free workers are in the queue of free ones."""
    free = [worker.pid for worker in list(pool._free._queue)]  # type: ignore[attr-defined]
    return pid not in free


def test_an_idle_worker_that_was_killed_costs_no_request() -> None:
    async def test() -> None:
        async with pool_of(1) as pool:
            (pid,) = pool.pids()
            os.kill(pid, signal.SIGKILL)
            await until(lambda: _is_gone(pid))
            outcome, _ = await pool.run(question(counting()))
            assert isinstance(outcome, Fitted)
            assert pool.replaced == 1

    run(test)


def test_an_overdue_fit_is_ended_with_its_process() -> None:
    async def test() -> None:
        async with pool_of(1, timeout_s=0.3) as pool:
            (pid,) = pool.pids()
            started = time.monotonic()
            with pytest.raises(TimeLimitError):
                await pool.run(FIRST)
            assert time.monotonic() - started < 2.0
            assert _is_gone(pid)
            await until(lambda: pool.warm == 1)
            assert pool.pids() != [pid]

    run(test)


def test_a_full_queue_turns_requests_away() -> None:
    async def test() -> None:
        async with pool_of(1, timeout_s=1.0, queue_limit=1) as pool:
            running = asyncio.create_task(pool.run(FIRST))
            await until(lambda: pool.busy == 1)
            waiting = asyncio.create_task(pool.run(SECOND))
            await until(lambda: pool.waiting == 1)
            with pytest.raises(BusyError):
                await pool.run(question(counting()))
            with pytest.raises(TimeLimitError):
                await running
            waiting.cancel()

    run(test)


def test_no_one_waits_longer_than_a_fit_may_take() -> None:
    async def test() -> None:
        pool = WorkerPool(size=1, timeout_s=0.2, memory_mib=256, queue_limit=8)
        with pytest.raises(BusyError):  # it has not been started: no worker will ever be free
            await pool.run(FIRST)
        assert pool.waiting == 0

    run(test)


def test_closing_ends_busy_and_idle_workers() -> None:
    async def test() -> None:
        async with pool_of(2) as pool:
            pids = pool.pids()
            running = asyncio.create_task(pool.run(FIRST))
            await until(lambda: pool.busy == 1)
            await pool.close()
            with pytest.raises(WorkerLostError):
                await running
            assert all(_is_gone(pid) for pid in pids)

    run(test)


def test_a_fit_that_wants_too_much_memory_is_refused_and_the_worker_lives() -> None:
    worker = Worker(new_context(), memory_mib=8)
    try:
        greedy = counting()
        for sample in greedy["channels"][0]["samples"]:
            sample["data"] *= 1000
        greedy["channels"][0]["samples"][1]["modifiers"] = [
            {"name": f"n{i}", "type": "normsys", "data": {"hi": 1.1, "lo": 0.9}} for i in range(200)
        ]
        greedy["observations"][0]["data"] *= 1000
        outcome = worker.ask(question(greedy), 20.0)
        assert isinstance(outcome, Refused)
        assert (outcome.code, "memory" in outcome.message) == ("too_complex", True)
        assert isinstance(worker.ask(question(counting()), 20.0), Fitted)
    finally:
        worker.end()


def test_a_worker_ends_when_the_service_is_gone() -> None:
    worker = Worker(new_context(), memory_mib=64)
    pid = worker.pid
    assert isinstance(worker.ask(question(counting()), 20.0), Fitted)
    worker._pipe.close()
    wait_until(lambda: _is_gone(pid))
    assert "exit code" in worker.end()
