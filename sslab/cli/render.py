"""`sslab render`: a site's laboratory as plain manifests."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sslab.progress import Progress
from sslab.render.folder import write
from sslab.render.program import render_site
from sslab.repository import repository_root
from sslab.site.loading import load_site


def render(
    site: Annotated[str, typer.Argument(help="The site: sites/<SITE>.yaml.")],
    output: Annotated[
        Path, typer.Option("-o", "--output", help="The folder; an earlier rendering is replaced.")
    ],
) -> None:
    """Write a site's objects as plain manifests, for Flux, Argo CD or kubectl.

    One file an object, in the order in which they are applied, and a kustomization. No cluster and
    no credentials are needed, and no secret is written: the folder's README lists which Secrets
    have to exist.

    Example: [bold]sslab render chicago -o rendered/chicago[/bold]
    """
    repository = repository_root()
    loaded = load_site(repository / "sites" / f"{site}.yaml", repository)
    rendering = render_site(repository, loaded, Progress())
    stale = write(rendering, output)
    typer.echo(f"{len(rendering.files)} files in {output}")
    for name in stale:
        typer.echo(f"  deleted {name}, which is no longer part of {site}")
    if rendering.secrets:
        typer.echo(f"  {len(rendering.secrets)} Secrets have to exist; README.md there lists them")
    for each in rendering.left_out:
        typer.echo(f"  left out: {each}, which only `pulumi up` makes")
