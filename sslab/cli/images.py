"""`sslab images`: the images of a site's pods."""

from __future__ import annotations

from typing import Annotated

import typer

from sslab.laboratory import Laboratory
from sslab.progress import Progress
from sslab.repository import repository_root

app = typer.Typer(
    no_args_is_help=True, help="The images of a site's pods: push them to its registry."
)


@app.command()
def push(
    site: Annotated[str, typer.Argument(help="The site: sites/<SITE>.yaml.")],
) -> None:
    """Push what the registry of a site has not got, and build it first.

    `sslab up` does it by itself; this is for whoever deploys with plain `pulumi up`, Flux or
    kubectl. An image's name tells its content, so one that is there is left alone.

    Example: [bold]sslab images push chicago[/bold]
    """
    laboratory = Laboratory(repository_root(), site, Progress())
    laboratory.require_cluster()
    laboratory.images.push()
