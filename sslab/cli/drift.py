"""`sslab drift`: what of a site differs from what was deployed, and who changed it."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

from sslab.drift import report
from sslab.drift.checking import chosen_sites, site_drift
from sslab.drift.model import exit_code
from sslab.progress import Progress
from sslab.repository import repository_root


def drift(
    sites: Annotated[
        list[str] | None,
        typer.Argument(metavar="SITE", help="The sites: sites/<SITE>.yaml. Default: all."),
    ] = None,
    all_sites: Annotated[
        bool, typer.Option("--all", help="All sites but those on which nothing is deployed.")
    ] = False,
    output: Annotated[
        Literal["text", "markdown", "json"],
        typer.Option("--format", help="markdown: the body of an issue; json: docs/drift.md"),
    ] = "text",
) -> None:
    """Show what of a site differs from what was deployed, and who changed it.

    Nothing is changed. Exit code 0 when all sites are clean, 1 when one has drifted, 3 when none
    has but one is unknown: its cluster, cloud or state could not be read.

    Examples: [bold]sslab drift local[/bold], [bold]sslab drift --all --format json[/bold]
    """
    if sites and all_sites:
        raise typer.BadParameter("name sites, or give --all, not both")
    repository, progress = repository_root(), Progress()
    found = [
        site_drift(repository, name, progress) for name in chosen_sites(repository, sites or ())
    ]
    if output == "json":
        typer.echo(report.as_json(found))
    elif output == "markdown":
        typer.echo(report.as_markdown(found), nl=False)
    else:
        for text in report.as_text(found):
            typer.echo(text)
    raise typer.Exit(exit_code(found))
