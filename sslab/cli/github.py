"""`sslab github`: what the workflows tell people."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sslab.deploy.account import Outcome, as_markdown, in_short
from sslab.drift.report import as_markdown as as_drift
from sslab.drift.report import read_json
from sslab.errors import SslabError
from sslab.git import git
from sslab.github import deployment, drift, proposal
from sslab.github.client import Client
from sslab.github.event import event, run_address
from sslab.github.outputs import summarize
from sslab.progress import Progress
from sslab.repository import repository_root
from sslab.site.loading import load_site

app = typer.Typer(no_args_is_help=True, help="What the workflows tell people at GitHub.")

Site = Annotated[str, typer.Argument(help="The site: sites/<SITE>.yaml.")]
Existing = Annotated[Path, typer.Argument(exists=True, dir_okay=False)]


@app.command()
def plan(
    against: Annotated[str, typer.Option(metavar="REV", help="The revision to compare with.")],
    number: Annotated[int, typer.Option(min=1, help="The pull request's number.")],
    commit: Annotated[str, typer.Option(help="The commit that is proposed.")],
    output: Annotated[Path, typer.Option("-o", "--output", help="Where the plan is written.")],
) -> None:
    """Plan what a pull request does to every site, for `sslab github comment`.

    Needs no token. Exit code 1 when a site refuses the change; the plan is written all the same.

    Example: [bold]sslab github plan --against main --number 12 --commit 0ab1cd -o plan.json[/bold]
    """
    made = proposal.make(repository_root(), number, commit, against, Progress())
    proposal.write(made, output)
    text = proposal.as_comment(made)
    summarize(text)
    typer.echo(text, nl=False)
    refusing = proposal.verdict(made)
    if refusing:
        raise SslabError(
            f"the change is refused for {', '.join(refusing)}",
            remedy="the plan above says why, and what to mend",
        )


@app.command()
def comment(file: Existing) -> None:
    """Write a plan as the one comment below its pull request, or change that comment.

    For a workflow of `workflow_run`, which has a token and runs nothing of the pull request: the
    number in the file counts only where GitHub says that the run was of that pull request.
    """
    found = proposal.read(file)
    address = proposal.tell(Client.of_workflow(), found, event()["workflow_run"])
    typer.echo(address or "the pull request has moved on: nothing was written")


@app.command()
def account(
    site: Site,
    outcome: Annotated[
        str, typer.Option(help="That of the deployment's step: success, failure, skipped.")
    ],
    reverted: Annotated[str, typer.Option(help="The revision that was put back.")] = "",
    revert: Annotated[str, typer.Option(help="The outcome of the step that puts it back.")] = "",
    log: Annotated[Path | None, typer.Option(help="What the deployment has printed.")] = None,
) -> None:
    """Say how a site's deployment ended: on the run's page, at the commit, below the pull request.

    The commit's status `sslab/<site>` says it in short. Below the pull request, or the commit where
    there is none, stands what has failed; once it has passed, it stands there that it has.
    """
    repository = repository_root()
    ended = Outcome(
        site,
        git(repository, "rev-parse", "HEAD"),
        passed=outcome == "success",
        started=outcome != "skipped",
        reverted=reverted if revert == "success" else "",
        failed_back=revert == "failure",
        log=log.read_text(errors="replace") if log is not None and log.is_file() else "",
        run=run_address(),
    )
    text = as_markdown(ended, load_site(repository / "sites" / f"{site}.yaml"))
    summarize(text)
    client = Client.of_workflow()
    state: deployment.State = "success" if ended.passed else "failure" if ended.started else "error"
    deployment.mark(client, ended.revision, site, state, in_short(ended), ended.run)
    address = deployment.tell(client, ended.revision, site, text, new=not ended.passed)
    typer.echo(address or text)


@app.command(name="drift")
def follow_drift(
    file: Annotated[
        Path,
        typer.Argument(exists=True, dir_okay=False, help="What `sslab drift --format json` said."),
    ],
) -> None:
    """Open, update or close the issue about each site's drift; unknown changes nothing."""
    client = Client.of_workflow()
    for found in read_json(file.read_text(encoding="utf-8")):
        summarize(as_drift([found]))
        typer.echo(f"{found.site} is {found.status}; issue: {drift.follow(client, found)}")
