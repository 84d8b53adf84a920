"""`sslab plan`: what a change does to each site, without a cluster and without credentials."""

from __future__ import annotations

import sys
from typing import Annotated, Literal

import typer
from rich.console import Console

from sslab.plan.as_json import as_json
from sslab.plan.markdown import as_markdown
from sslab.plan.planning import plan_sites
from sslab.plan.text import show
from sslab.progress import Progress
from sslab.repository import repository_root


def plan(
    sites: Annotated[
        list[str] | None,
        typer.Argument(metavar="SITE", help="The sites: sites/<SITE>.yaml. Default: all."),
    ] = None,
    all_sites: Annotated[
        bool, typer.Option("--all", help="All sites but those that are planned only.")
    ] = False,
    against: Annotated[
        str | None,
        typer.Option(metavar="REV", help="A git revision to compare with: a branch, tag or hash."),
    ] = None,
    output: Annotated[
        Literal["text", "markdown", "json"],
        typer.Option("--format", help="markdown: a comment for a pull request; json: docs/plan.md"),
    ] = "text",
) -> None:
    """Show what a deployment would do, and what a change does to it.

    The real program is run without a cluster, credentials or plugins. Exit code 1 when a site file
    is wrong, or the program or a policy refuses a site.

    Examples: [bold]sslab plan local[/bold], [bold]sslab plan --against origin/main[/bold],
    [bold]sslab plan --against HEAD~1 --format markdown > comment.md[/bold]
    """
    if sites and all_sites:
        raise typer.BadParameter("name sites, or give --all, not both")
    planned = plan_sites(repository_root(), sites or (), against, Progress())
    if output == "json":
        typer.echo(as_json(planned))
    elif output == "markdown":
        typer.echo(as_markdown(planned), nl=False)
    else:
        # wide enough for the table where there is no terminal to be as wide as
        width = None if sys.stdout.isatty() else 200
        show(planned, Console(highlight=False, soft_wrap=True, width=width))
    if any(site.refused for site in planned.sites):
        raise typer.Exit(1)
