"""What Google asks of the maintenance windows of a cluster that the laboratory makes there."""

from __future__ import annotations

from collections.abc import Iterator
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sslab.site.cluster import GkeCluster
from sslab.site.diagnostics import Diagnostic
from sslab.site.document import Document
from sslab.site.model import Site

FIELD = "maintenance_windows"
LEAST_HOURS = 4
"""Google counts no shorter window."""

LEAST_HOURS_A_WEEK = 12
"""Google wants 48 hours in any 32 days, which have four whole weeks."""


def google_maintenance(document: Document, site: Site) -> Iterator[Diagnostic]:
    """Google takes one time of day, at any days of the week, and not too little of it."""
    windows = site.maintenance_windows
    if not isinstance(site.cluster, GkeCluster) or not windows:
        return
    first = windows[0]
    for index, window in enumerate(windows):
        if not _known(window.time_zone):
            yield document.at_value(
                (FIELD, index, "time_zone"),
                f"{window.time_zone} is no time zone that this machine knows",
                "write one of the IANA database, or install the package tzdata",
            )
        for field in ("start", "hours", "time_zone"):
            if getattr(window, field) != getattr(first, field):
                yield document.at_value(
                    (FIELD, index, field),
                    "differs from the first window's, and a cluster at Google has one window, at "
                    "one or more days of the week",
                    f"write {getattr(first, field)}, or leave this window out",
                )
    days = len({window.day for window in windows})
    if first.hours < LEAST_HOURS or days * first.hours < LEAST_HOURS_A_WEEK:
        yield document.at_key(
            (FIELD,),
            f"{days * first.hours} hours a week are less than the {LEAST_HOURS_A_WEEK} that Google "
            f"needs, in windows of at least {LEAST_HOURS}",
            "add the same window at more days, or make it longer",
        )


def _known(zone: str) -> bool:
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True
