"""`sslab catalog`: which pattern runs at which site, and which could."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Annotated, Literal

import typer
from rich.table import Table

from sslab.catalogue.images import load_images
from sslab.catalogue.loading import read_contracts
from sslab.catalogue.matrix import Matrix, as_json, as_markdown, explanations, matrix
from sslab.cli import image_list, tables
from sslab.errors import SslabError
from sslab.repository import repository_root
from sslab.site.diagnostics import as_text
from sslab.site.loading import validate
from sslab.site.spelling import closest

WIDEST = 2000


def catalog(
    site: Annotated[
        str | None, typer.Argument(metavar="[SITE]", help="Only this site. Default: all.")
    ] = None,
    output: Annotated[
        Literal["text", "json", "markdown"],
        typer.Option("--format", help="markdown: for a page; json: for programs."),
    ] = "text",
    images: Annotated[
        bool, typer.Option("--images", help="The images that jobs run in, in place of sites.")
    ] = False,
) -> None:
    """Show which pattern runs at which site, which could, and what stands in the way.

    `runs`: the site asks for the pattern. `yes`: it could run there, were it asked for. `no`: the
    reason stands below the table, with the field of the site file that would change it. A planned
    site is judged by what is known of it. Exit code 1 when a site file is wrong.

    Examples: [bold]sslab catalog[/bold], [bold]sslab catalog sdsc[/bold],
    [bold]sslab catalog --images[/bold]
    """
    root = repository_root()
    if images:
        if site is not None:
            raise SslabError(
                "--images lists the images of all sites", remedy=f"leave out {site}, or --images"
            )
        image_list.show(load_images(root), output)
        return
    paths = sorted((root / "sites").glob("*.yaml"))
    names = [path.stem for path in paths]
    if site is not None and site not in names:
        near = closest(site, names)
        raise SslabError(
            f"there is no sites/{site}.yaml",
            remedy=f'did you mean "{near}"?' if near else f"the sites are {', '.join(names)}",
        )
    sites, wrong = validate(paths, root)
    if site is not None:
        sites = {path: each for path, each in sites.items() if path.stem == site}
        wrong = tuple(each for each in wrong if each.file not in _others(names, site))
    contracts, _ = read_contracts(root)
    shown = matrix(contracts, list(sites.values()))
    if output == "json":
        diagnostics = [asdict(each) for each in wrong]
        typer.echo(json.dumps({**as_json(shown), "diagnostics": diagnostics}, indent=2))
    elif output == "markdown":
        typer.echo(as_markdown(shown), nl=False)
    else:
        _show(shown)
    if wrong:
        if output != "json":
            typer.echo(as_text(wrong), err=True)
        raise typer.Exit(1)


def _others(names: list[str], site: str) -> set[str]:
    return {f"sites/{name}.yaml" for name in names if name != site}


def _show(shown: Matrix) -> None:
    # a pipe takes a table of any width; in a terminal long names go on in a second line
    console = tables.console(WIDEST)
    table = Table(box=None, pad_edge=False)
    table.add_column("site", no_wrap=True)
    for row in shown.rows:
        table.add_column(row.site.name, overflow="fold")
    table.add_row("status", *(row.site.status for row in shown.rows))
    for pattern in shown.patterns:
        table.add_row(pattern, *(row.states[pattern] for row in shown.rows))
    console.print(table)
    for row in shown.rows:
        lines = explanations(row)
        if lines:
            console.print()
            console.print(f"sites/{row.site.name}.yaml, {row.site.title}:", markup=False)
        for line in lines:
            console.print(f"  {line}", markup=False, soft_wrap=True)
