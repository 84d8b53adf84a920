"""`sslab doctor` and `sslab env`."""

from __future__ import annotations

import shlex
from typing import Annotated

import typer
from rich.table import Table

from sslab.cli import tables
from sslab.cluster.lifecycle import supported
from sslab.engine.environment import environment
from sslab.paths import cache_dir
from sslab.repository import repository_root
from sslab.site.loading import load_site
from sslab.toolchain import found
from sslab.toolchain.build import Toolchain


def doctor() -> None:
    """List every tool: version, where it comes from, and how a missing one is got.

    Nothing is changed. Exit code 1 when this machine cannot run an embedded cluster.
    """
    root = repository_root()
    table = Table("tool", "version", "from", "where / how it is got", box=None, pad_edge=False)
    tools = found.everything(Toolchain(root / "toolchain", cache_dir()))
    for tool in tools:
        where = tool.how or str(tool.path)
        table.add_row(tool.name, tool.version, tool.source, where)
    tables.console().print(table)
    there, absent, optional = (
        sum(tool.source in sources for tool in tools)
        for sources in (("PATH", "cache"), ("missing",), ("optional",))
    )
    typer.echo(
        f"\n{there} tools are there, {absent} missing, {optional} optional ones not built; "
        f"cache: {cache_dir()}"
    )
    reason = supported()
    if reason:
        typer.echo(f"{reason}; a site whose file names `cluster.context` can be used all the same")
        raise typer.Exit(1)


def env(
    site: Annotated[
        str, typer.Argument(help="The site whose stack Pulumi is to work on.")
    ] = "local",
) -> None:
    """Print the shell variables with which plain `pulumi` and `kubectl` work.

    Example: [bold]eval "$(sslab env)" && pulumi up -s local[/bold]
    """
    root = repository_root()
    loaded = load_site(root / "sites" / f"{site}.yaml")
    toolchain = Toolchain(root / "toolchain", cache_dir())
    for name, value in environment(loaded, toolchain).items():
        typer.echo(f"export {name}={shlex.quote(value)}")
