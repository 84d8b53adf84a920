"""`sslab rollback`: a site back to an earlier revision."""

from __future__ import annotations

from typing import Annotated

import typer

from sslab.cluster.access import embedded
from sslab.engine import rollback as engine
from sslab.engine.environment import prepare
from sslab.laboratory import Laboratory
from sslab.progress import Progress
from sslab.repository import repository_root


def rollback(
    site: Annotated[str, typer.Argument(help="The site: sites/<SITE>.yaml.")],
    revision: Annotated[
        str | None,
        typer.Argument(
            metavar="REV",
            help="A git revision: a branch, tag or hash. Default: the newest that was deployed "
            "successfully before the present one.",
        ),
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Put a site back to what an earlier revision says: code, site file, images and charts.

    Credentials stay as they are now, and so do the branches of git. Smoke tests follow; exit code
    1 when the deployment or one of them fails.

    Examples: [bold]sslab rollback nyu[/bold], [bold]sslab rollback nyu v1.4 --yes[/bold]
    """
    progress = Progress()
    laboratory = Laboratory(repository_root(), site, progress)
    laboratory.require_deployable()
    laboratory.tools()
    planned = engine.plan(laboratory.repository, site, laboratory.stack(), revision)
    progress.line(f"Rollback of {site}\n{planned.describe()}")
    for warning in planned.warnings():
        progress.line(f"  {warning}")
    by_preview = not embedded(laboratory.site)  # `sslab up` shows it and asks, elsewhere
    if not yes and not by_preview:
        typer.confirm("Put it back?", abort=True, err=True)
    environment = prepare(laboratory.site, laboratory.toolchain)
    engine.perform(planned, environment, progress, ask=by_preview and not yes)
    typer.echo(f"{site} was put back\n{planned.describe()}")
    typer.echo(
        "The branch still describes the other revision: revert it there as well, or the next "
        "deployment brings it back"
    )
