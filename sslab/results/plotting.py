"""A picture of results: each number over time, by site, with its tolerance."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sslab.errors import SslabError
from sslab.results.comparing import Regression
from sslab.results.record import Record, Value

if TYPE_CHECKING:
    from datetime import datetime

MOST_PANELS = 48
"""A picture of more numbers than this could not be read."""

COLUMNS = 2
WIDTH_IN, HEIGHT_IN = 6.4, 2.6
"""The size of one panel in inches."""


def draw(records: Sequence[Record], regressions: Sequence[Regression], path: Path) -> None:
    """Write a PNG with a panel for each number; regressions are ringed in red.

    Raises SslabError where there is nothing to draw, or too much.
    """
    if path.suffix.lower() != ".png":
        raise SslabError(f"{path} is not the name of a PNG file", remedy="end it in .png")
    panels = _panels(records)
    if not panels:
        raise SslabError("there is no number to draw", remedy="run `sslab check SITE` first")
    if len(panels) > MOST_PANELS:
        raise SslabError(
            f"{len(panels)} numbers are too many for one picture",
            remedy="choose a pattern by --pattern",
        )
    try:
        from matplotlib.figure import Figure
    except ModuleNotFoundError:
        raise SslabError(
            "matplotlib is not installed, which draws", remedy="`make .venv/installed` installs it"
        ) from None
    columns = min(COLUMNS, len(panels))
    rows = -(-len(panels) // columns)
    figure = Figure(figsize=(WIDTH_IN * columns, HEIGHT_IN * rows), layout="constrained")
    grid = figure.subplots(rows, columns, squeeze=False)
    sites = sorted({record.site for record in records})
    marked = {(each.record.site, each.record.time, each.check) for each in regressions}
    for axes, (name, points) in zip(grid.flat, panels.items(), strict=False):
        _panel(axes, name, points, sites, marked)
    for axes in grid.flat[len(panels) :]:
        axes.set_axis_off()
    grid[0, 0].legend(loc="best", fontsize="x-small")
    figure.savefig(path, format="png", dpi=120)


def _panels(records: Sequence[Record]) -> dict[tuple[str, str], list[tuple[Record, Value]]]:
    """Return what there is to draw of each number, by pattern and check."""
    panels: dict[tuple[str, str], list[tuple[Record, Value]]] = {}
    for record in sorted(records, key=lambda each: each.time):
        for value in record.values:
            if value.value is not None:
                panels.setdefault((record.pattern, value.check), []).append((record, value))
    return dict(sorted(panels.items()))


def _panel(
    axes: Any,
    name: tuple[str, str],
    points: Sequence[tuple[Record, Value]],
    sites: Sequence[str],
    marked: set[tuple[str, datetime, str]],
) -> None:
    """Draw one number: a band of what it may be, and what it was, a colour a site."""
    for index, site in enumerate(sites):
        own = [(record, value) for record, value in points if record.site == site]
        if not own:
            continue
        colour = f"C{index % 10}"
        times = [record.time for record, _ in own]
        low, high = zip(*(_band(value) for _, value in own), strict=True)
        axes.fill_between(times, low, high, color=colour, alpha=0.15, linewidth=0)
        if len(own) == 1:  # a band of one moment has no width
            axes.errorbar(times, [_middle(own[0][1])], yerr=(high[0] - low[0]) / 2, color=colour,
                          alpha=0.3, capsize=6, linewidth=4)  # fmt: skip
        axes.plot(times, [value.value for _, value in own], "o-", color=colour, markersize=3,
                  linewidth=0.8, label=site)  # fmt: skip
        bad = [
            (record, value)
            for record, value in own
            if (site, record.time, name[1]) in marked or not value.passed
        ]
        axes.plot([record.time for record, _ in bad], [value.value for _, value in bad], "o",
                  markersize=9, markerfacecolor="none", markeredgecolor="red")  # fmt: skip
    axes.set_title(f"{name[0]}: {name[1]}", fontsize="small")
    axes.tick_params(labelsize="x-small")
    axes.ticklabel_format(axis="y", useOffset=False)
    moments: list[datetime] = [record.time for record, _ in points]
    if len(set(moments)) > 1:
        axes.tick_params(axis="x", rotation=20)


def _middle(value: Value) -> float:
    return value.expected if value.expected is not None else float(value.value or 0)


def _band(value: Value) -> tuple[float, float]:
    """Return between what a number may be."""
    middle, tolerance = _middle(value), value.tolerance or 0.0
    return middle - tolerance, middle + tolerance
