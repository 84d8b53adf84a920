"""How many CPU cores this container may use."""

import math
import os
from pathlib import Path

_CGROUPS = Path("/sys/fs/cgroup")


def usable_cores(cgroups: Path = _CGROUPS) -> int:
    """The number of cores to keep busy: the CPU quota rounded up, at least 1.

    A container sees every core of its machine; its share is a quota of the cgroup.  Without a
    quota all the cores count that the scheduler lets this process run on.
    """
    visible = len(os.sched_getaffinity(0))
    quota = _quota_v2(cgroups) or _quota_v1(cgroups)
    return visible if quota is None else max(1, min(visible, math.ceil(quota)))


def _quota_v2(cgroups: Path) -> float | None:
    """Cores granted by cgroup v2: ``cpu.max`` holds ``<quota>|max <period>`` in microseconds."""
    try:
        quota, period = (cgroups / "cpu.max").read_text().split()
        return None if quota == "max" else int(quota) / int(period)
    except (OSError, ValueError, ZeroDivisionError):
        return None


def _quota_v1(cgroups: Path) -> float | None:
    """Cores granted by cgroup v1, where a quota of -1 means no limit."""
    try:
        quota = int((cgroups / "cpu" / "cpu.cfs_quota_us").read_text())
        period = int((cgroups / "cpu" / "cpu.cfs_period_us").read_text())
        return quota / period if quota > 0 else None
    except (OSError, ValueError, ZeroDivisionError):
        return None
