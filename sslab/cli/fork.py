"""`sslab fork`: a clone of one's own, and updates from where it came from."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated

import typer

from sslab.errors import SslabError
from sslab.fork.making import ForkWishes, adopt, drafted
from sslab.fork.updating import merge, news
from sslab.repository import repository_root
from sslab.site.beginnings import Kind
from sslab.site.diagnostics import as_text
from sslab.site.loading import validate

app = typer.Typer(no_args_is_help=True, help="Make a clone one's own, and keep it up to date.")
Yes = Annotated[bool, typer.Option("--yes", help="Do not ask.")]
_WORDS = {"A": "new", "M": "changed", "D": "gone", "R": "moved", "T": "changed"}
_MOST = 20


@app.command()
def init(
    name: Annotated[str, typer.Option(help="The fork's name, and that of its first site.")],
    domain: Annotated[
        str, typer.Option(help="Services of the first site answer at <service>.<domain>.")
    ],
    owner: Annotated[
        str | None, typer.Option(help="The GitHub team that reviews changes: @organisation/team.")
    ] = None,
    upstream: Annotated[
        str | None,
        typer.Option(
            metavar="URL", help="The repository that was forked. Default: the remote `upstream`."
        ),
    ] = None,
    like: Annotated[
        str | None, typer.Option(metavar="SITE", help="Write the site's file after this one's.")
    ] = None,
    kind: Annotated[
        Kind | None, typer.Option(help="Or for a cluster of this kind. Default: existing.")
    ] = None,
    title: Annotated[
        str | None, typer.Option(help="What people call the site. Default: its name.")
    ] = None,
    context: Annotated[
        str | None,
        typer.Option(help="The kubeconfig context that reaches the cluster. Default: ssl-NAME."),
    ] = None,
    yes: Yes = False,
) -> None:
    """Make a clone the laboratory of a campus: its sites, its owners, in one commit.

    The upstream's sites and stacks go, all but this machine's. A file for the first site, fork.yaml
    and CODEOWNERS are written. It shows what will change and asks; nothing is pushed.

    Example: [bold]sslab fork init --name mycampus --domain ssl.mycampus.edu
    --owner @mycampus/ssl --upstream https://github.com/example/ssl[/bold]
    """
    if like is not None and kind is not None:
        raise typer.BadParameter("--like SITE and --kind KIND exclude each other")
    wishes = ForkWishes(
        name=name, domain=domain, owner=owner, upstream=upstream, like=like, kind=kind,
        title=title, context=context,
    )  # fmt: skip
    with drafted(repository_root(), wishes) as draft:
        typer.echo(f"{name} becomes a fork of {draft.fork.upstream.url}:")
        _list(draft.changes)
        _ask("Commit this", yes=yes)
        adopt(draft)
    typer.echo(f"committed as {draft.commit[:12]}; next:")
    typer.echo(f"  edit sites/{name}.yaml; docs/add-a-site.md says what to look at")
    typer.echo("  .venv/bin/sslab validate")
    typer.echo("  git push origin HEAD")


@app.command()
def update(yes: Yes = False) -> None:
    """Merge what is new upstream; what the fork owns stays as it is.

    The fork's site files, stacks, CODEOWNERS and fork.yaml are the fork's whatever happens to the
    upstream's. Generated files are made anew. Any other conflict is left to git, with the list of
    files. It shows what is new and asks; nothing is pushed.

    Example: [bold]sslab fork update --yes && git push origin HEAD[/bold]
    """
    repository = repository_root()
    found = news(repository)
    if found.is_nothing:
        typer.echo(f"nothing is new upstream since {found.commit[:12]}")
        return
    typer.echo(f"{len(found.commits)} new upstream, up to {found.commit[:12]}:")
    _lines(found.commits)
    typer.echo("comes in:")
    _list(found.changes)
    if found.left_out:
        typer.echo("does not come in, for it is the fork's or the upstream's own:")
        _list(found.left_out)
    if found.strays:
        typer.echo("goes, for it is the upstream's own and came in by another merge:")
        _list(("D", path) for path in found.strays)
    _ask("Merge this", yes=yes)
    merged = merge(found)
    typer.echo(f"merged and committed as {merged.commit[:12]}; `git push origin HEAD` publishes it")
    for warning in merged.warnings:
        typer.echo(f"warning: {warning}", err=True)
    _, wrong = validate(sorted((repository / "sites").glob("*.yaml")), repository)
    if wrong:
        typer.echo(as_text(wrong))
        raise SslabError(
            "the merge is committed, and site files do not suit the new code",
            remedy="mend them before you push",
        )
    if merged.warnings:
        raise typer.Exit(1)


def _list(changes: Iterable[tuple[str, str]]) -> None:
    _lines(f"{_WORDS.get(status, status):7} {path}" for status, path in changes)


def _lines(texts: Iterable[str]) -> None:
    lines = list(texts)
    for line in lines[:_MOST]:
        typer.echo(f"  {line}")
    if lines[_MOST:]:
        typer.echo(f"  ... and {len(lines) - _MOST} more")


def _ask(question: str, *, yes: bool) -> None:
    """Ask, unless it is answered already. Raises SslabError for a no."""
    if yes:
        return
    try:
        agreed = typer.confirm(question)
    except typer.Abort:
        agreed = False
    if not agreed:
        raise SslabError("nothing was changed", remedy="--yes answers the question beforehand")
