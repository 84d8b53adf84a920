"""`sslab pattern`: the folders of patterns."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer

from sslab.catalogue.adding import add_pattern
from sslab.catalogue.loading import load_contracts
from sslab.cli.schema import editor_schema
from sslab.repository import repository_root

FORM = Path(".github/ISSUE_TEMPLATE/add-a-site.yml")
OFFERED = re.compile(r"(    id: patterns\n(?: .*\n)*?      options: )\[[^]]*\]")
"""The list of patterns in the form by which a site asks to be added."""

app = typer.Typer(no_args_is_help=True, help="The folders of patterns: add one.")


@app.callback()
def pattern() -> None:
    """The folders of patterns: add one."""


@app.command()
def add(
    name: Annotated[str, typer.Argument(help="The new pattern's name: 3 to 30 of a-z, 0-9 and -.")],
    title: Annotated[
        str | None, typer.Option(help="What people call the pattern. Default: its name.")
    ] = None,
) -> None:
    """Write a new pattern that works at once: a small seeded measurement, its page and its tests.

    Nothing is deployed, and no file that is there already is changed but schema/site.json, by which
    editors know the patterns, and the form by which a site asks for some. docs/add-a-pattern.md
    says what to change then.

    Example: [bold]sslab pattern add my-pattern[/bold]

    Example: [bold]sslab pattern add tau-lifetime --title "Lifetime of the tau"[/bold]
    """
    repository = repository_root()
    load_contracts(repository)  # what is wrong in another one is told before anything is written
    files = add_pattern(repository, name, title)
    schema = repository / "schema" / "site.json"
    if schema.is_file():
        text = json.dumps(editor_schema(repository), indent=2, ensure_ascii=False)
        schema.write_text(f"{text}\n", encoding="utf-8")
    offer(repository / FORM, load_contracts(repository))
    for path in files:
        typer.echo(f"{path.relative_to(repository)} is written")
    package = name.replace("-", "_")
    typer.echo("next:")
    typer.echo(
        f"  .venv/bin/pytest tests/unit/patterns/{package} tests/components/test_{package}.py"
    )
    typer.echo(
        f"  sites/local.yaml: add `{name}` to object_storage.buckets and `{name}: {{}}` to patterns"
    )
    typer.echo("  .venv/bin/sslab up local")
    typer.echo("  docs/add-a-pattern.md says how to put your own measurement in its place")


def offer(form: Path, patterns: Iterable[str]) -> None:
    """Write the patterns into the form for a new site, where there is one."""
    if form.is_file():
        told = f"[{', '.join(sorted(patterns))}]"
        text = form.read_text(encoding="utf-8")
        form.write_text(OFFERED.sub(lambda match: match[1] + told, text), encoding="utf-8")
