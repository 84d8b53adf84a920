"""When Google may upgrade a cluster of ours."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from pulumi_gcp.container import (
    ClusterMaintenancePolicyArgs,
    ClusterMaintenancePolicyRecurringWindowArgs,
)

from sslab.site.facts import MaintenanceWindow

MONDAY = datetime(2026, 1, 5)
"""The week from which the window recurs. Google counts in UTC and knows no summer time."""

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def maintenance_policy(
    windows: Sequence[MaintenanceWindow],
) -> ClusterMaintenancePolicyArgs | None:
    """Return the windows, which differ in their days alone, as Google has them: one that recurs.

    It is at the site's time in January, and an hour off while the clocks are changed.
    """
    if not windows:
        return None
    starts = sorted(_first(window) for window in windows)
    end = starts[0] + timedelta(hours=windows[0].hours)
    # a day of the week is one of UTC, where it may be another than at the site
    days = ",".join(dict.fromkeys(DAYS[start.weekday()][:2].upper() for start in starts))
    return ClusterMaintenancePolicyArgs(
        recurring_window=ClusterMaintenancePolicyRecurringWindowArgs(
            start_time=_text(starts[0]),
            end_time=_text(end),
            recurrence=f"FREQ=WEEKLY;BYDAY={days}",
        )
    )


def _first(window: MaintenanceWindow) -> datetime:
    """Return when a window starts in the first week, in UTC."""
    hours, minutes = map(int, window.start.split(":"))
    day = MONDAY + timedelta(days=DAYS.index(window.day), hours=hours, minutes=minutes)
    return day.replace(tzinfo=ZoneInfo(window.time_zone)).astimezone(UTC)


def _text(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
