"""`sslab up` and `check`: a site's laboratory."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from sslab.cli import report, tables
from sslab.cluster.access import embedded
from sslab.laboratory import Laboratory
from sslab.progress import Progress
from sslab.repository import repository_root

Site = Annotated[str, typer.Argument(help="The site: sites/<SITE>.yaml.")]
Address = Annotated[
    str | None,
    typer.Option(
        help="Where the smoke tests reach the services, before DNS leads there. Default: the "
        "address of a cluster that was made, else what DNS says."
    ),
]


def up(
    site: Site = "local",
    yes: Annotated[bool, typer.Option("--yes", help="Do not show a preview first.")] = False,
    address: Address = None,
    heal: Annotated[
        bool,
        typer.Option("--heal", help="Put back what `sslab drift` shows, and deploy what is new."),
    ] = False,
) -> None:
    """Bring a site's laboratory up: tools, cluster, images, deployment, smoke tests.

    On the embedded cluster it deploys at once; elsewhere it shows a preview and asks. With --heal
    it says first what has drifted, and puts it back (docs/drift.md).

    Example: [bold]sslab up local --heal[/bold]
    """
    laboratory = Laboratory(repository_root(), site, Progress())
    interactive = not (yes or embedded(laboratory.site))
    checks = laboratory.up(interactive=interactive, address=address, heal=heal)
    console = tables.console()
    console.print(report.checks(checks))
    if not all(check.passed for check in checks):
        report.problems(console, checks)
        raise typer.Exit(1)
    console.print()
    typer.echo(report.summary(laboratory))


def check(
    site: Site = "local",
    output: Annotated[str, typer.Option("--format", help="text or json.")] = "text",
    address: Address = None,
) -> None:
    """Run the smoke tests: value, expected, tolerance, duration, image, commit.

    Exit code 1 when one fails.

    Example: [bold]sslab check nyu --address 192.0.2.10[/bold]
    """
    if output not in ("text", "json"):
        raise typer.BadParameter(f"{output} is none of text, json")
    checks = Laboratory(repository_root(), site, Progress()).check(address)
    if output == "json":
        typer.echo(json.dumps({"checks": [one.as_json() for one in checks]}, indent=1))
    else:
        console = tables.console()
        console.print(report.checks(checks))
        report.problems(console, checks)
    if not all(one.passed for one in checks):
        raise typer.Exit(1)
