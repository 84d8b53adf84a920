"""A fit from question to kept result: looked up, joined, computed or refused."""

import asyncio
import logging
import math
import time
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import version

from pydantic import ValidationError

from .documents import canonical_question, parse_workspace, question_id
from .metrics import Metrics
from .outcome import Fitted, Refused
from .pool import BusyError, WorkerPool
from .rejection import RejectionError
from .schemas import FitResult, UpperLimit
from .store import Store, StoreError
from .worker import TimeLimitError, WorkerLostError

log = logging.getLogger("fitting_service.fits")

_PARSE_THREADS = 2


class FitService:
    """Fits workspaces, each question once, and keeps the results."""

    def __init__(self, *, store: Store, pool: WorkerPool, fit_timeout_s: float) -> None:
        self.metrics = Metrics(pool)
        self._store = store
        self._pool = pool
        self._fit_timeout_s = fit_timeout_s
        self._pyhf_version = version("pyhf")
        self._under_way: dict[str, asyncio.Task[FitResult]] = {}
        # Few threads, since a document takes many times its size in memory while it is parsed.
        self._parsers = ThreadPoolExecutor(_PARSE_THREADS, thread_name_prefix="parse")
        self._bucket_seen = False
        self._mean_fit_s = 1.0

    async def fit(self, body: bytes, *, mu: float, measurement: str | None) -> FitResult:
        """Answer one request with a result.

        Raises :class:`RejectionError` for everything else. A fit goes on, and its result is
        kept, when the client has gone.
        """
        started = time.monotonic()
        try:
            fit_id, question = await asyncio.get_running_loop().run_in_executor(
                self._parsers, self._read, body, mu, measurement
            )
            task = self._under_way.get(fit_id)
            joined = task is not None
            if task is None:
                task = asyncio.create_task(self._answer(fit_id, question))
                self._under_way[fit_id] = task
                task.add_done_callback(lambda done: self._finish(fit_id, done))
            result = await asyncio.shield(task)
        except RejectionError as error:
            self.count_rejection(error)
            raise
        outcome = "cached" if result.cached else "joined" if joined else "computed"
        self.metrics.fits.labels(outcome).inc()
        log.info(
            "fit id=%s outcome=%s stored=%s elapsed_s=%.3f",
            fit_id, outcome, str(result.stored).lower(), time.monotonic() - started,
        )  # fmt: skip
        return result

    async def stored(self, fit_id: str) -> FitResult | None:
        """The kept result of this name, or None. Raises :class:`StoreError`."""
        try:
            document = await self._store.get(_key(fit_id))
        except StoreError as error:
            self._store_failed("get", error)
            raise
        self._bucket_seen = True
        if document is None:
            return None
        try:
            result = FitResult.model_validate_json(document)
        except ValidationError:
            result = None
        if result is None or result.id != fit_id:
            log.warning("damaged result in object storage id=%s", fit_id)
            return None
        return result

    async def readiness(self) -> tuple[bool, dict[str, str]]:
        """Whether requests should be sent here, and why not.

        The bucket has to be reached once. Later failures leave the pod in service, since fits
        are answered without storage; they show in the metrics and as ``stored: false``.
        """
        if not self._bucket_seen:
            try:
                await self._store.check()
                self._bucket_seen = True
            except StoreError as error:
                self._store_failed("check", error)
        states = {
            "workers": f"{self._pool.warm} of {self._pool.size} warm",
            "bucket": "reached" if self._bucket_seen else "not reached",
        }
        return self._pool.warm > 0 and self._bucket_seen, states

    def count_rejection(self, error: RejectionError) -> None:
        """Count and log a request for a fit that was refused."""
        self.metrics.fits.labels(error.code).inc()
        log.info("fit outcome=%s status=%d", error.code, error.status)

    async def close(self) -> None:
        """Stop the workers and let go of the store."""
        await self._pool.close()
        self._parsers.shutdown(wait=False, cancel_futures=True)
        self._store.close()

    def _read(self, body: bytes, mu: float, measurement: str | None) -> tuple[str, bytes]:
        question = canonical_question(
            parse_workspace(body), mu=mu, measurement=measurement, pyhf_version=self._pyhf_version
        )
        return question_id(question), question

    async def _answer(self, fit_id: str, question: bytes) -> FitResult:
        try:
            result = await self.stored(fit_id)
        except StoreError:
            result = None
        if result is not None:
            self.metrics.cache_hits.inc()
            return result
        result = await self._compute(fit_id, question)
        document = result.model_dump_json(exclude={"cached", "stored"})
        try:
            await self._store.put(_key(fit_id), document.encode())
        except StoreError as error:
            self._store_failed("put", error)
            return result.model_copy(update={"stored": False})
        return result

    async def _compute(self, fit_id: str, question: bytes) -> FitResult:
        try:
            outcome, duration_s = await self._pool.run(question)
        except BusyError:
            raise self._busy() from None
        except TimeLimitError:
            raise RejectionError(
                504,
                "time_limit",
                f"The fit took longer than {self._fit_timeout_s:g} s and was "
                "ended: send a workspace with fewer bins or parameters.",
            ) from None
        except WorkerLostError as error:
            log.error("worker lost id=%s cause=%r", fit_id, str(error))
            raise RejectionError(
                503,
                "worker_lost",
                f"The fit's process ended before its time ({error}). Try "
                "again; if it happens again, the workspace is too large for this service.",
                retry_after_s=2,
            ) from None
        if isinstance(outcome, Refused):
            raise RejectionError(422, outcome.code, outcome.message, path=outcome.path)
        self.metrics.duration.observe(duration_s)
        self._mean_fit_s += 0.1 * (duration_s - self._mean_fit_s)
        return self._result(fit_id, outcome, duration_s)

    def _result(self, fit_id: str, fitted: Fitted, duration_s: float) -> FitResult:
        return FitResult(
            id=fit_id,
            measurement=fitted.measurement,
            poi=fitted.poi,
            mu=fitted.mu,
            cls_obs=fitted.cls_obs,
            cls_exp=list(fitted.cls_exp),
            upper_limit=UpperLimit(observed=fitted.limit_obs, expected=list(fitted.limit_exp)),
            notes=list(fitted.notes),
            duration_s=round(duration_s, 4),
            pyhf_version=self._pyhf_version,
            cached=False,
        )

    def _busy(self) -> RejectionError:
        wait_s = self._pool.waiting * self._mean_fit_s / self._pool.size
        return RejectionError(
            429,
            "busy",
            "More fits are waiting than this service takes: try again later.",
            retry_after_s=max(1, min(60, math.ceil(wait_s))),
        )

    def _finish(self, fit_id: str, task: asyncio.Task[FitResult]) -> None:
        self._under_way.pop(fit_id, None)
        if not task.cancelled():
            task.exception()  # looked at, so that nothing is logged when every client has gone

    def _store_failed(self, operation: str, error: StoreError) -> None:
        self.metrics.store_errors.labels(operation).inc()
        log.warning("object storage failed operation=%s cause=%r", operation, str(error))


def _key(fit_id: str) -> str:
    return f"fits/{fit_id}.json"
