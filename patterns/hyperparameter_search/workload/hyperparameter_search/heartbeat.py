"""The sign of life of a trial: while it is given, nobody else does the trial again."""

import threading
from types import TracebackType
from typing import Self

from optuna.storages import RDBStorage

from .database import DatabaseGoneError, lost_connections


class Heartbeat:
    """Gives a trial's sign of life every so many seconds, beside the work."""

    def __init__(self, storage: RDBStorage, trial_id: int, interval_s: float) -> None:
        self._storage = storage
        self._trial_id = trial_id
        self._interval_s = interval_s
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._beat, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._ended.set()
        self._thread.join()

    def _beat(self) -> None:
        while not self._ended.wait(self._interval_s):
            try:
                with lost_connections():
                    self._storage.record_heartbeat(self._trial_id)
            except DatabaseGoneError:
                pass  # the next one may get through; if none does, the trial is done again
