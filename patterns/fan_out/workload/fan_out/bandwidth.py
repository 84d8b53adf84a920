"""Keeping to a bandwidth: a token bucket, and a meter that shows that it was kept."""

import time
from collections import Counter, deque
from collections.abc import Callable
from typing import Final

RATE_SHARE: Final = 0.9
"""The share of the budget at which the bucket fills."""

PART_SHARE: Final = 0.05
"""The largest part that is asked for at once, and all that the bucket holds: bytes as a share of
what the budget gives in a second.

Whatever a second is looked at, what arrives in it was paid for by what flowed into the bucket in
that second (0.9), by what was in it before (0.05) or was a part already asked for (0.05). So it is
never more than the budget, after a pause either.
"""

SHORTEST_SLEEP_S: Final = 0.001


class TokenBucket:
    """Holds back whoever wants more than so many bytes a second."""

    def __init__(
        self,
        budget_bytes_s: float,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.part_bytes = max(1, int(budget_bytes_s * PART_SHARE))
        self._rate = budget_bytes_s * RATE_SHARE
        self._tokens = 0.0
        self._clock = clock
        self._sleep = sleep
        self._filled = clock()

    def take(self, size: int) -> None:
        """Return once `size` bytes, at most `part_bytes`, may be asked for."""
        if size > self.part_bytes:
            raise ValueError(f"{size} bytes are more than the bucket holds")
        self._fill()
        while self._tokens < size:
            self._sleep(max((size - self._tokens) / self._rate, SHORTEST_SLEEP_S))
            self._fill()
        self._tokens -= size

    def _fill(self) -> None:
        now = self._clock()
        self._tokens = min(self.part_bytes, self._tokens + (now - self._filled) * self._rate)
        self._filled = now


class Meter:
    """Counts bytes as they arrive.

    `peak_bytes_s` is the most that came in any one second; `by_second` what came in each second
    of the clock that all tasks share (seconds since 1970).
    """

    def __init__(
        self,
        clock: Callable[[], float] = time.monotonic,
        shared_clock: Callable[[], float] = time.time,
    ) -> None:
        self.total_bytes = 0
        self.peak_bytes_s = 0
        self.by_second: Counter[int] = Counter()
        self._clock = clock
        self._shared_clock = shared_clock
        self._started = clock()
        self._last_second: deque[tuple[float, int]] = deque()
        self._in_last_second = 0

    def arrived(self, size: int) -> None:
        """Count bytes that have just arrived."""
        now = self._clock()
        self._last_second.append((now, size))
        self._in_last_second += size
        while self._last_second[0][0] <= now - 1.0:
            self._in_last_second -= self._last_second.popleft()[1]
        self.peak_bytes_s = max(self.peak_bytes_s, self._in_last_second)
        self.by_second[int(self._shared_clock())] += size
        self.total_bytes += size

    @property
    def duration_s(self) -> float:
        """Seconds since the meter was made."""
        return self._clock() - self._started
