"""`sslab destroy`: a laboratory away, and its data kept."""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import Annotated

import typer

from sslab.cluster.access import embedded, keep, made_in_a_cloud
from sslab.destroying import report
from sslab.destroying.carrying_out import carry_out
from sslab.destroying.errors import DestroyError
from sslab.destroying.live import Live
from sslab.destroying.survey import surroundings, survey
from sslab.errors import SslabError
from sslab.laboratory import Laboratory
from sslab.progress import Progress
from sslab.repository import repository_root
from sslab.safety.lines import Lines


def destroy(
    site: Annotated[str, typer.Argument(help="The site: sites/<SITE>.yaml.")],
    with_data: Annotated[
        bool, typer.Option("--with-data", help="Take the data away as well.")
    ] = False,
    confirm: Annotated[
        str | None,
        typer.Option(metavar="SITE", help="The site's name, for scripts: nothing is asked then."),
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask (embedded cluster only).")] = False,
) -> None:
    """Take a laboratory away; its data are kept, unless you say otherwise.

    It lists what goes and what is kept, asks for the site's name, and tells what was left behind.
    Exit code 1 when something stayed that should have gone; run it again after that, or when it was
    interrupted: it goes on. An embedded laboratory goes as a whole, with its data and its cluster.

    Examples: [bold]sslab destroy nyu[/bold], [bold]sslab destroy nyu --with-data[/bold],
    [bold]sslab destroy nyu --confirm nyu[/bold]
    """
    laboratory = Laboratory(repository_root(), site, Progress())
    if embedded(laboratory.site):
        _embedded(laboratory, confirmed=yes, name=confirm)
    elif yes:
        raise SslabError(
            f"{site} is no embedded laboratory",
            remedy=f"leave --yes out: it asks for the name; --confirm {site} in a script",
        )
    else:
        _elsewhere(laboratory, with_data=with_data, name=confirm)


def _embedded(laboratory: Laboratory, *, confirmed: bool, name: str | None) -> None:
    site = laboratory.site.name
    if not confirmed:
        typer.echo(f"{site} is embedded: its cluster goes, and with it ALL DATA of the laboratory")
        _confirm(site, name)
    laboratory.remove()
    typer.echo(f"{site} is gone: cluster, data, stack and credentials; tools and images are kept")


def _elsewhere(laboratory: Laboratory, *, with_data: bool, name: str | None) -> None:
    site = laboratory.site
    stack = laboratory.stack()
    found = survey(stack.inventory(), Lines.of(site), with_data=with_data)
    if not found.inventory.resources:
        typer.echo(f"{site.name}: nothing is deployed")
        return
    live = Live(laboratory.kubectl()) if found.ours else None
    own_cluster = made_in_a_cloud(site)
    if live is not None:
        if own_cluster and (kubeconfig := stack.outputs().get("kubeconfig")):
            keep(site, kubeconfig)
        laboratory.require_answer()
        live.require()
        found = replace(found, live=surroundings(found, live))
    for line in report.before(found, site):
        typer.echo(line)
    if found.kept_things and not found.goes:
        typer.echo("nothing is left to take away but the data; --with-data takes them")
        return
    _confirm(site.name, name)
    left = carry_out(found, stack, live, own_cluster=own_cluster)
    for line in report.after(left, site):
        typer.echo(line)
    if left.unexpected:
        raise DestroyError(
            f"{len(left.unexpected)} things stayed that should have gone",
            remedy="they stand above; run the same command again, or delete them by hand",
        )


def _confirm(site: str, name: str | None) -> None:
    """Ask for the site's name, unless it was given. Raises SslabError where it is another."""
    if name is None:
        if not sys.stdin.isatty():
            raise SslabError(
                "nobody is there to type the site's name; nothing was changed",
                remedy=f"add --confirm {site}",
            )
        name = typer.prompt(f"Type the site's name to go on ({site})")
    if name != site:
        raise SslabError(f"{name!r} is not {site!r}", remedy="nothing was changed")
