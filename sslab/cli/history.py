"""`sslab history`: what was deployed at a site."""

from __future__ import annotations

import json
from typing import Annotated, Literal

import typer
from rich.table import Table

from sslab.cli import tables
from sslab.engine.history import Update, updates
from sslab.engine.revisions import title
from sslab.laboratory import Laboratory
from sslab.progress import Progress, duration
from sslab.repository import repository_root


def history(
    site: Annotated[str, typer.Argument(help="The site: sites/<SITE>.yaml.")] = "local",
    output: Annotated[
        Literal["text", "json"], typer.Option("--format", help="json: docs/state.md")
    ] = "text",
    most: Annotated[int, typer.Option("--last", min=1, help="How many updates.")] = 20,
) -> None:
    """List a site's updates: when, who, git revision, result, what changed; the newest first.

    Example: [bold]sslab history nyu --last 5[/bold]
    """
    laboratory = Laboratory(repository_root(), site, Progress())
    found = updates(laboratory.stack(), most)
    if output == "json":
        typer.echo(json.dumps({"site": site, "updates": [each.as_json() for each in found]}))
        return
    if not found:
        typer.echo(f"nothing was deployed at {site} yet; `sslab up {site}` does")
        return
    table = Table(
        "when (UTC)", "took", "who", "what", "result", "revision", "changed", "title",
        box=None, pad_edge=False,
    )  # fmt: skip
    for each in found:
        table.add_row(*_row(laboratory, each))
    tables.console().print(table)


def _row(laboratory: Laboratory, update: Update) -> list[str]:
    took = duration((update.ended - update.started).total_seconds()) if update.ended else "-"
    changed = [f"{count} {kind}" for kind, count in update.changes.items() if kind != "same"]
    told = title(laboratory.repository, update.revision) if update.revision else ""
    return [
        f"{update.started:%Y-%m-%d %H:%M:%S}",
        took,
        update.who or "-",
        update.kind,
        update.result,
        (update.revision[:12] or "-") + ("-dirty" if update.dirty else ""),
        ", ".join(changed) or "nothing",
        told or update.message or "-",
    ]
