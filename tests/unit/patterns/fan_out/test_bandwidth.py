from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from patterns.fan_out.workload.fan_out.bandwidth import Meter, TokenBucket

pytestmark = pytest.mark.volume

BUDGET = 1000.0


class Clock:
    """A clock that stands still unless somebody sleeps or it is moved on."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        assert seconds > 0
        self.now += seconds


def most_in_a_second(arrivals: list[tuple[float, int]]) -> int:
    """Look at every second that ends with an arrival."""
    return max(
        sum(size for when, size in arrivals if end - 1.0 < when <= end) for end, _ in arrivals
    )


@given(
    st.lists(
        st.tuples(
            st.floats(min_value=0, max_value=3),  # how long the storage takes to answer
            st.floats(min_value=0, max_value=3),  # how long the task does something else
            st.integers(min_value=1, max_value=50),
        ),
        min_size=1,
        max_size=60,
    )
)
def test_no_second_has_more_than_the_budget(reads: list[tuple[float, float, int]]) -> None:
    clock = Clock()
    bucket, meter = TokenBucket(BUDGET, clock, clock.sleep), Meter(clock, clock)
    arrivals = []
    for answer_s, pause_s, size in reads:
        bucket.take(size)
        clock.now += answer_s
        meter.arrived(size)
        arrivals.append((clock.now, size))
        clock.now += pause_s
    assert most_in_a_second(arrivals) <= BUDGET
    assert meter.peak_bytes_s == most_in_a_second(arrivals)
    assert max(meter.by_second.values()) <= BUDGET
    assert meter.total_bytes == sum(meter.by_second.values()) == sum(size for _, _, size in reads)


def test_most_of_the_budget_is_used() -> None:
    clock = Clock()
    bucket = TokenBucket(BUDGET, clock, clock.sleep)
    for _ in range(1000):
        bucket.take(bucket.part_bytes)
    # a sleep is a millisecond at least, which may be more than is needed
    assert 0.88 * BUDGET < 1000 * bucket.part_bytes / (clock.now - 100.0) <= 0.9 * BUDGET


def test_a_pause_saves_up_no_more_than_one_part() -> None:
    clock = Clock()
    bucket = TokenBucket(BUDGET, clock, clock.sleep)
    clock.now += 3600
    bucket.take(bucket.part_bytes)
    assert clock.now == 3700
    bucket.take(bucket.part_bytes)
    assert clock.now == pytest.approx(3700 + bucket.part_bytes / (0.9 * BUDGET), abs=0.002)


def test_a_part_is_never_larger_than_the_bucket() -> None:
    bucket = TokenBucket(BUDGET)
    with pytest.raises(ValueError, match="51 bytes"):
        bucket.take(bucket.part_bytes + 1)
