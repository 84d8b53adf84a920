"""`sslab deploy`: what the workflow does after a merge, step by step."""

from __future__ import annotations

import json
import os
import shutil
from typing import Annotated

import typer

from sslab.catalogue.loading import load_contracts
from sslab.deploy import credentials as credentials_
from sslab.deploy import good, rendered, waves
from sslab.errors import SslabError
from sslab.github.outputs import set_environment, set_output, summarize
from sslab.progress import Progress
from sslab.render.program import render_site
from sslab.repository import repository_root
from sslab.site.loading import load_site

app = typer.Typer(no_args_is_help=True, help="What the workflow does after a merge.")

Site = Annotated[str, typer.Argument(help="The site: sites/<SITE>.yaml.")]


@app.command()
def matrix(
    only: Annotated[
        str | None,
        typer.Option("--site", help="Deploy this site alone, whatever its plan says."),
    ] = None,
) -> None:
    """Show which sites have to be deployed, in which wave and why.

    Each site's plan is against its last good revision, the branch `deployed/<site>` of origin. In
    a workflow the outputs `wave-0` to `wave-9` are set: `{"push": [SITE], "pull": [SITE]}`.
    """
    repository = repository_root()
    found = waves.rollout(repository, Progress(), only or None)
    for number in waves.WAVES:
        set_output(f"wave-{number}", json.dumps(found.wave(number), separators=(",", ":")))
    text = _table(found)
    summarize(text)
    typer.echo(text)


@app.command()
def sites() -> None:
    """Print the sites into which the workflow has deployed, as JSON.

    In a workflow the output `sites` is the same.
    """
    repository = repository_root()
    there = set(good.sites(repository))
    known = waves.deployable(repository).values()
    found = [site.name for site in known if site.name in there and site.rollout.mode == "push"]
    names = json.dumps(found)
    set_output("sites", names)
    typer.echo(names)


@app.command()
def turn(site: Site) -> None:
    """Tell whether a site is to get this revision: not where it has a later one already.

    In a workflow the output `due` is `true` or `false`.
    """
    repository = repository_root()
    good.fetch(repository)
    later = good.superseded(repository, site)
    set_output("due", "false" if later else "true")
    typer.echo(
        f"{site} has {later[:12]} already, which is later" if later else f"it is {site}'s turn"
    )


@app.command()
def credentials(
    site: Site,
    forget: Annotated[
        bool, typer.Option("--forget", help="Take them off this machine instead.")
    ] = False,
) -> None:
    """Hand the credentials of a site's environment to the steps that follow.

    Those that are not set are left out. Refuses where what the laboratory needs is not in git,
    encrypted, or where nothing would remember what was deployed.
    """
    folder = credentials_.private_folder(site)
    if forget:
        shutil.rmtree(folder, ignore_errors=True)
        return
    repository = repository_root()
    known = load_site(repository / "sites" / f"{site}.yaml", repository)
    credentials_.require_committed(repository, known, load_contracts(repository))
    credentials_.require_memory(repository, os.environ)
    found = credentials_.environment(os.environ, folder)
    for name, value in found.items():
        set_environment(name, value)
    typer.echo(f"set for the steps that follow: {', '.join(found) or 'nothing'}")


@app.command()
def keep(site: Site) -> None:
    """Make the checked-out revision the last good one of a site: the branch `deployed/<site>`."""
    typer.echo(f"{good.branch(site)} is {good.keep(repository_root(), site)}")


@app.command()
def revert(site: Site) -> None:
    """Put the last good revision of a site back, where its file says `on_failure: revert`.

    In a workflow the output `to` is that revision.
    """
    from sslab.cli.rollback import rollback

    repository = repository_root()
    known = load_site(repository / "sites" / f"{site}.yaml")
    if known.rollout.on_failure == "stop":
        typer.echo(f"{site} stays as it is: sites/{site}.yaml has no `rollout.on_failure: revert`")
        return
    good.fetch(repository)
    last = good.revision(repository, site)
    if last is None:
        typer.echo(f"{site} stays as it is: it has no good revision yet")
        return
    set_output("to", last)
    rollback(site, last, yes=True)


@app.command()
def publish(site: Site) -> None:
    """Write a site's manifests to the branch `rendered/<site>`, where they differ from it.

    For sites with `rollout.mode: pull`, whose Flux or Argo CD follows that branch.
    """
    repository = repository_root()
    known = load_site(repository / "sites" / f"{site}.yaml", repository)
    if known.rollout.mode != "pull":
        raise SslabError(
            f"{site} does not pull",
            remedy=f"set `rollout.mode: pull` in sites/{site}.yaml, or run `sslab up {site}`",
        )
    made = render_site(repository, known, Progress())
    commit = rendered.publish(repository, site, made)
    text = (
        f"{rendered.PREFIX}{site} is {commit}" if commit else f"{rendered.PREFIX}{site}: no change"
    )
    summarize(f"### {known.title}: manifests\n\n{text}\n")
    typer.echo(text)
    for each in made.left_out:
        typer.echo(f"  left out: {each}, which only `pulumi up` makes")


def _table(found: waves.Rollout) -> str:
    """Return a rollout as Markdown."""
    rows = [f"| {each.wave} | {each.site} | {each.mode} | {each.why} |" for each in found.due]
    parts = ["### What is deployed\n"]
    parts += ["| wave | site | mode | why |\n|--:|---|---|---|", *rows] if rows else ["Nothing."]
    if found.unchanged:
        parts.append(f"\nNo change: {', '.join(found.unchanged)}")
    for name in found.removed:
        parts.append(
            f"\nsites/{name}.yaml is gone, and nothing was destroyed: `sslab destroy {name}` of a "
            f"clone that has it does that; then delete the branch {good.branch(name)}"
        )
    return "\n".join(parts)
