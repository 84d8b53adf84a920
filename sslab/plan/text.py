"""The plan for a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from rich.console import Console
from rich.table import Table
from rich.text import Text

from sslab.plan import describe
from sslab.plan.describe import Line, Tone
from sslab.plan.model import CHANGE_KINDS, Plan, SitePlan, Status
from sslab.plan.secrecy import line, lines

_STYLES: Final[dict[Tone, str]] = {
    "plain": "",
    "add": "green",
    "change": "yellow",
    "replace": "magenta",
    "delete": "red",
    "alarm": "bold red",
    "quiet": "dim",
}
_TOGETHER: Final[tuple[Status, ...]] = ("unchanged", "planned")


def show(plan: Plan, console: Console) -> None:
    """Print a plan: what has to be looked at first, then each site's details."""
    console.print(describe.headline(plan), markup=False, style="bold")
    if plan.against:
        console.print(f"against {line(plan.against)}", markup=False)
    for note in plan.notes:
        console.print(line(note), markup=False, style="yellow")
    loud = [site for site in plan.sites if not site.quiet]
    if loud:
        console.print()
        console.print(_table(loud))
    for status in _TOGETHER:
        names = [line(site.site) for site in plan.sites if site.quiet and site.status == status]
        if names:
            console.print(f"{describe.STATUSES[status]}: {', '.join(names)}", markup=False)
    for site in plan.sites:
        details = list(_details(site))
        if details:
            console.print()
            console.print(line(site.site), markup=False, style="bold")
            _print(console, details)


def _table(sites: Iterable[SitePlan]) -> Table:
    table = Table("site", box=None, pad_edge=False)
    for kind in CHANGE_KINDS:
        table.add_column(kind, justify="right")
    table.add_column("look at")
    for site in sites:
        counts = [str(site.counts[kind]) for kind in CHANGE_KINDS]
        flags = Text("; ".join(describe.flags(site)), style="bold red" if site.alarming else "")
        table.add_row(line(site.site), *counts, flags)
    return table


def _details(site: SitePlan) -> Iterator[Line]:
    """Yield the lines about one site, under headings."""
    for text in lines(site.error, describe.SENTENCE):
        yield Line(text, "alarm", 1)
    for note in site.notes:
        yield Line(line(note, describe.SENTENCE), "plain", 1)
    if site.quiet:
        return
    for heading, about in (
        ("site file", describe.refusals(site)),
        ("policies", describe.findings(site)),
        ("resources", describe.changes(site)),
        ("powers", [*describe.powers(site), *describe.powers_taken(site)]),
        ("requested", describe.totals(site)),
    ):
        found = list(about)
        if found:
            yield Line(heading, "plain", 1)
            yield from (each._replace(depth=each.depth + 2) for each in found)


def _print(console: Console, details: Iterable[Line]) -> None:
    for each in details:
        console.print(Text("  " * each.depth + each.text, style=_STYLES[each.tone]))
