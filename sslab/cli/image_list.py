"""The image catalogue as `sslab catalog --images` prints it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Literal

import typer
from rich.table import Table

from sslab.catalogue.images import CatalogueImage
from sslab.cli import tables

COLUMNS = ("name", "title", "state", "image", "licence")


def show(images: Mapping[str, CatalogueImage], output: Literal["text", "json", "markdown"]) -> None:
    """Print the images in the asked form, with what has to be known of some below the table."""
    if output == "json":
        found = [{**each.model_dump(mode="json"), "state": each.state} for each in images.values()]
        typer.echo(json.dumps({"images": found}, indent=2))
        return
    rows = [_row(each) for each in images.values()]
    if output == "markdown":
        typer.echo(f"| {' | '.join(COLUMNS)} |\n|{'---|' * len(COLUMNS)}")
        for name, *others in rows:
            typer.echo(f"| `{name}` | {' | '.join(others)} |")
        return
    console = tables.console()
    table = Table(*COLUMNS, box=None, pad_edge=False)
    for row in rows:
        table.add_row(*row)
    console.print(table)
    for each in images.values():
        if each.note:
            console.print(f"{each.name}: {each.note}", markup=False, soft_wrap=True)


def _row(each: CatalogueImage) -> tuple[str, ...]:
    published = f"`{each.image}:{each.tag}`" if each.image else "-"
    where = f"`images/{each.build}`" if each.build else published
    return each.name, each.title, each.state, where, each.licence
