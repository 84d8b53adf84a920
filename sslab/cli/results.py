"""`sslab results`: what smoke tests have measured, where and when."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

import typer
from rich.table import Table

from sslab.catalogue.loading import read_contracts
from sslab.cli import tables
from sslab.errors import SslabError
from sslab.laboratory import Laboratory
from sslab.progress import Progress
from sslab.repository import repository_root
from sslab.results.comparing import Regression, Standing, regressions, standings
from sslab.results.plotting import draw
from sslab.results.reading import Found, records
from sslab.results.record import Record
from sslab.site.spelling import closest


def results(
    pattern: Annotated[str | None, typer.Option(help="Only this pattern. Default: all.")] = None,
    site: Annotated[
        list[str] | None,
        typer.Option(help="Only this site; may be given again. Default: all that can be reached."),
    ] = None,
    plot: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Draw the numbers over time: a PNG file.")
    ] = None,
    last: Annotated[
        int, typer.Option(min=1, max=10_000, help="How many runs of each pattern and site.")
    ] = 50,
    output: Annotated[
        Literal["text", "json"], typer.Option("--format", help="json: for programs.")
    ] = "text",
) -> None:
    """List what smoke tests have measured, compare sites and revisions, and draw it.

    What became worse is marked: a number that left its tolerance (lost), that moved by more than it
    with the revision (moved), or a run that took much longer (slower). docs/results.md says how
    each is judged. Exit code 1 when no site could be asked.

    Example: [bold]sslab results --pattern z-peak --plot z-peak.png[/bold]

    Example: [bold]sslab results --site local --site nyu --format json[/bold]
    """
    root = repository_root()
    known = sorted(path.stem for path in (root / "sites").glob("*.yaml"))
    for name in site or ():
        _require("a site", name, known)
    if pattern is not None:
        _require("a pattern", pattern, sorted(read_contracts(root)[0]))
    found, unreached = _gathered(root, site or known, pattern, last)
    for line in [line for each in found.values() for line in each.unreadable]:
        typer.echo(line, err=True)
    everything = [record for each in found.values() for record in each.records]
    worse = regressions(everything)
    if plot is not None and everything:
        draw(everything, worse, plot)
    if output == "json":
        typer.echo(json.dumps(_as_json(everything, worse, unreached), indent=1, ensure_ascii=False))
    else:
        _show(found, everything, worse, unreached, chosen=bool(site))
        if plot is not None and everything:
            typer.echo(f"\n{plot} is drawn")
    if not found:
        raise SslabError(
            "no site's results could be read", remedy="`sslab up local` makes a laboratory here"
        )


def _require(what: str, name: str, known: Sequence[str]) -> None:
    if name not in known:
        near = closest(name, known)
        raise SslabError(
            f"{name} is not the name of {what}",
            remedy=f'did you mean "{near}"?' if near else f"there are {', '.join(known)}",
        )


def _gathered(
    root: Path, sites: Sequence[str], pattern: str | None, last: int
) -> tuple[dict[str, Found], dict[str, str]]:
    """Return the records of each site that could be asked, and why the others could not."""
    found: dict[str, Found] = {}
    unreached: dict[str, str] = {}
    for name in dict.fromkeys(sites):
        try:
            laboratory = Laboratory(root, name, Progress())
            asked = [each for each in laboratory.site.patterns if pattern in (None, each)]
            kept = [each for each in sorted(asked) if each in laboratory.site.buckets]
            found[name] = records(laboratory.objects(), kept, last)
        except SslabError as error:
            unreached[name] = str(error)
    return found, unreached


def _as_json(
    found: Sequence[Record], worse: Sequence[Regression], unreached: dict[str, str]
) -> dict[str, Any]:
    """Return the documented JSON form."""
    return {
        "records": [record.model_dump(mode="json") for record in found],
        "comparison": [
            {
                "pattern": row.pattern, "check": row.check, "site": row.site,
                "commit": row.commit, "runs": row.runs,
                **row.value.model_dump(mode="json", exclude={"check"}), "off": row.off,
            }
            for row in standings(found)
        ],
        "regressions": [
            {
                "pattern": each.record.pattern, "site": each.record.site,
                "time": each.record.model_dump(mode="json")["time"],
                "commit": each.record.commit, "check": each.check, "kind": each.kind,
                "before": each.before, "now": each.now, "reason": each.reason,
            }
            for each in worse
        ],
        "unreached": unreached,
    }  # fmt: skip


def _show(
    found: dict[str, Found],
    everything: Sequence[Record],
    worse: Sequence[Regression],
    unreached: dict[str, str],
    *,
    chosen: bool,
) -> None:
    console = tables.console()
    if everything:
        console.print(_runs(everything, worse))
        console.print()
        console.print(_comparison(standings(everything), worse))
    elif found:
        console.print(f"no records yet at {', '.join(found)}: `sslab check SITE` makes some")
    for name, each in found.items():
        if each.older:
            console.print(f"{name}: {each.older} older records are not shown; --last shows more")
    for one in worse:
        record = one.record
        console.print(
            f"{one.kind.upper()} {record.pattern} at {record.site}, {_moment(record)}, "
            f"{one.check}: {one.reason}",
            markup=False, style="red", soft_wrap=True,
        )  # fmt: skip
    for name, why in unreached.items():
        if chosen:
            console.print(f"{name}: {why}", markup=False, style="red", soft_wrap=True)
    if unreached and not chosen:
        console.print(f"not asked: {', '.join(unreached)} (--site says why)", markup=False)


def _runs(found: Sequence[Record], worse: Sequence[Regression]) -> Table:
    """Return the table of runs by time."""
    table = Table("", "time (UTC)", "site", "pattern", "passed", "took", "image", "commit", "worse",
                  box=None, pad_edge=False)  # fmt: skip
    for record in sorted(found, key=lambda each: (each.time, each.site, each.pattern)):
        good = sum(value.passed for value in record.values)
        kinds = sorted({each.kind for each in worse if each.record is record})
        table.add_row(
            "ok" if record.passed else "FAILED", _moment(record), record.site, record.pattern,
            f"{good} of {len(record.values)}", f"{record.duration_s:.2f} s",
            (record.image or "-").rpartition(":")[2][:12], _commit(record.commit),
            ", ".join(kinds),
        )  # fmt: skip
    return table


def _comparison(rows: Sequence[Standing], worse: Sequence[Regression]) -> Table:
    """Return the table of each number by site and revision."""
    table = Table("pattern", "check", "site", "commit", "runs", "newest", "expected", "tolerance",
                  "off", "worse", box=None, pad_edge=False)  # fmt: skip
    for row in rows:
        kinds = sorted(
            {each.kind for each in worse if each.record is row.newest and each.check == row.check}
        )
        table.add_row(
            row.pattern, row.check, row.site, _commit(row.commit), str(row.runs),
            _number(row.value.value), _number(row.value.expected), _number(row.value.tolerance),
            "-" if row.off is None else f"{row.off:+.2f}", ", ".join(kinds),
        )  # fmt: skip
    return table


def _moment(record: Record) -> str:
    return record.time.strftime("%Y-%m-%d %H:%M:%S")


def _commit(commit: str) -> str:
    return commit[:8] + ("-dirty" if commit.endswith("-dirty") else "")


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.8g}"
