"""`sslab validate`: site files without a cluster."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sslab.fork.description import read_fork
from sslab.repository import repository_root
from sslab.site import diagnostics
from sslab.site.loading import validate as validate_files


def validate(
    files: Annotated[
        list[Path] | None, typer.Argument(help="Site files. Default: all of sites/.")
    ] = None,
    output: Annotated[
        diagnostics.Format, typer.Option("--format", help="github: workflow annotations.")
    ] = "text",
) -> None:
    """Check site files: every error of every file, with its line and the remedy."""
    chosen = files or sorted((repository_root() / "sites").glob("*.yaml"))
    sites, found = validate_files(chosen)
    if not files:
        found += read_fork(repository_root())[1]
    text = diagnostics.render(found, output)
    if text:
        typer.echo(text)
    if found:
        raise typer.Exit(1)
    if output == "text":
        typer.echo(f"{len(sites)} site file{'s are' if len(sites) != 1 else ' is'} valid")
