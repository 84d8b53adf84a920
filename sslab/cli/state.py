"""`sslab state`: where a site's state is, and who has its lock."""

from __future__ import annotations

import json
from typing import Annotated, Literal

import typer

from sslab.engine import state
from sslab.engine.history import updates
from sslab.engine.locks import LONG
from sslab.engine.stack import PROJECT
from sslab.errors import SslabError
from sslab.laboratory import Laboratory
from sslab.progress import Progress
from sslab.repository import repository_root

app = typer.Typer(
    no_args_is_help=True,
    help="Where a site's state is kept, and who has its lock.",
)
Site = Annotated[str, typer.Argument(help="The site: sites/<SITE>.yaml.")]


@app.command()
def show(
    site: Site = "local",
    output: Annotated[
        Literal["text", "json"], typer.Option("--format", help="json: docs/state.md")
    ] = "text",
) -> None:
    """Show where the state is, the last update, what it has recorded, and who has the lock.

    Example: [bold]sslab state show nyu[/bold]
    """
    laboratory = Laboratory(repository_root(), site, Progress())
    stack = laboratory.stack()
    place = state.place(laboratory.site, laboratory.repository)
    summary = stack.summary()
    there = summary is not None
    locks = stack.held() if there else []
    last = next(iter(updates(stack, 1)), None) if there else None
    pending = stack.pending() if there else 0
    resources = int((summary or {}).get("resourceCount") or 0)
    if output == "json":
        found = {
            "site": site,
            "url": place.url,
            "set_by": place.origin,
            "exists": there,
            "resources": resources,
            "pending": pending,
            "last": last.as_json() if last else None,
            "locks": [lock.as_json() for lock in locks],
        }
        typer.echo(json.dumps(found))
        return
    typer.echo(f"State      {place.url}  ({place.origin})")
    if not there:
        typer.echo(f"Stack      none yet; `sslab up {site}` makes it")
        return
    typer.echo(f"Stack      organization/{PROJECT}/{site}: {resources} resources")
    if pending:
        typer.echo(f"Killed     {pending} operations of unknown end; the next `sslab up` finds out")
    if last is not None:
        revision = f"{last.revision[:12] or '-'}{'-dirty' if last.dirty else ''}"
        typer.echo(
            f"Last       {last.started:%Y-%m-%d %H:%M:%S} UTC: {last.kind} {last.result}, "
            f"{revision}, by {last.who or '-'}"
        )
    free = (
        "none" if state.has_locks(place.url) else "kept by Pulumi's service, which tells who has it"
    )
    typer.echo(f"Lock       {'; '.join(map(str, locks)) or free}")


@app.command()
def unlock(
    site: Site,
    yes: Annotated[
        bool,
        typer.Option("--yes", help="Do not ask: a lock of another machine that is an hour old."),
    ] = False,
) -> None:
    """Release a lock that nobody needs: one whose process has ended, or after you were asked.

    A lock whose process still runs on this machine is never released. Of another machine nobody
    here can know it: it is shown, and you type the site's name.
    """
    laboratory = Laboratory(repository_root(), site, Progress())
    if not state.has_locks(state.place(laboratory.site, laboratory.repository).url):
        raise SslabError(
            "Pulumi's service keeps the locks of this state", remedy=f"`pulumi cancel -s {site}`"
        )
    stack = laboratory.stack()
    locks = stack.held()
    for lock in locks:
        typer.echo(f"{site} is {lock}")
    if not locks:
        typer.echo(f"{site} is not locked")
        return
    if any(lock.alive for lock in locks):
        raise SslabError(
            "the process that holds the lock still runs", remedy="wait for it, or end it"
        )
    unknown = [lock for lock in locks if lock.alive is None]
    young = [lock for lock in unknown if lock.age < LONG]
    if yes and young:
        raise SslabError(
            "the lock is younger than an hour, and its process may run on the other machine",
            remedy=f"look there, then `sslab state unlock {site}` without --yes",
        )
    if unknown and not yes:
        typed = typer.prompt(f"See that nothing runs there. Type the site's name ({site})")
        if typed != site:
            raise SslabError(f"{typed!r} is not {site!r}", remedy="nothing was changed")
    stack.unlock()
    typer.echo(f"released; `sslab up {site}` finds out what the other run has done")
