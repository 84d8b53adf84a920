"""`sslab site`: the files of sites."""

from __future__ import annotations

from typing import Annotated

import typer

from sslab.repository import repository_root
from sslab.site.adding import Wishes, add_kind, add_like
from sslab.site.beginnings import Kind
from sslab.site.loading import load_site

app = typer.Typer(no_args_is_help=True, help="The files of sites: add one.")


@app.command()
def add(
    name: Annotated[str, typer.Argument(help="The new site's name: up to 63 of a-z, 0-9 and -.")],
    like: Annotated[
        str | None, typer.Option(metavar="SITE", help="Write it after this site's file.")
    ] = None,
    kind: Annotated[
        Kind | None, typer.Option(help="Write it for a cluster of this kind instead.")
    ] = None,
    title: Annotated[
        str | None, typer.Option(help="What people call the site. Default: its name.")
    ] = None,
    domain: Annotated[
        str | None,
        typer.Option(
            help="Services answer at <service>.<domain>. Default: below the laboratory's domain."
        ),
    ] = None,
    context: Annotated[
        str | None,
        typer.Option(help="The kubeconfig context that reaches the cluster. Default: ssl-NAME."),
    ] = None,
) -> None:
    """Write the file of a new site, commented and valid at once.

    Nothing is deployed, and a file that is there already stays as it is.

    Example: [bold]sslab site add my-campus --like nyu --context my-cluster[/bold]

    Example: [bold]sslab site add my-cloud --kind gke --title "My university on Google"[/bold]
    """
    if (like is None) == (kind is None):
        raise typer.BadParameter("one of --like SITE and --kind KIND is needed, and not both")
    repository, wishes = repository_root(), Wishes(title=title, domain=domain, context=context)
    if kind is not None:
        path = add_kind(repository, name, kind, wishes)
    else:
        path = add_like(repository, name, str(like), wishes)
    site = load_site(path, repository)
    shown = path.relative_to(repository)
    typer.echo(f"{shown} is written: {site.status}, {f'like {like}' if like else f'kind {kind}'}")
    typer.echo("next:")
    typer.echo(f"  edit {shown}; docs/site-file.md has every field")
    typer.echo("  .venv/bin/sslab validate")
    if site.status == "planned":
        typer.echo("  write `status: active` when there is a cluster to deploy to")
    else:
        typer.echo(f"  .venv/bin/sslab plan {name}")
