"""`sslab up`, `check` and `destroy`: a site's laboratory."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from sslab.cli import report
from sslab.cluster.access import embedded
from sslab.engine.recorder import recordings
from sslab.errors import SslabError
from sslab.laboratory import Laboratory
from sslab.progress import Progress
from sslab.render.manifests import secret_manifests
from sslab.repository import repository_root

Site = Annotated[str, typer.Argument(help="The site: sites/<SITE>.yaml.")]
Address = Annotated[
    str | None,
    typer.Option(
        help="Where the smoke tests reach the services, before DNS leads there. Default: the "
        "address of a cluster that was made, else what DNS says."
    ),
]
secrets_app = typer.Typer(no_args_is_help=True, help="A site's credentials, kept encrypted.")


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
    console = report.console()
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
        console = report.console()
        console.print(report.checks(checks))
        report.problems(console, checks)
    if not all(one.passed for one in checks):
        raise typer.Exit(1)


def destroy(
    site: Site,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask (embedded cluster only).")] = False,
) -> None:
    """Take a laboratory away: an embedded one as a whole, with its data and its cluster.

    Elsewhere it lists what goes and asks.
    """
    laboratory = Laboratory(repository_root(), site, Progress())
    if not embedded(laboratory.site):
        if yes:
            raise SslabError(
                f"{site} is no embedded laboratory", remedy="leave --yes out: it asks for real"
            )
        laboratory.stack().destroy()
        return
    if not yes:
        typed = typer.prompt(
            f"This deletes the laboratory with all its data. Type its name ({site})"
        )
        if typed != site:
            raise SslabError(f"{typed!r} is not {site!r}", remedy="nothing was changed")
    laboratory.remove()
    typer.echo(f"{site} is gone: cluster, data, stack and credentials; tools and images are kept")


@secrets_app.command("init")
def secrets_init(site: Site) -> None:
    """Make the stack and every credential that is missing; those that are there stay."""
    Laboratory(repository_root(), site, Progress()).stack().ensure()
    typer.echo(f"every credential of {site} is there, encrypted in stacks/Pulumi.{site}.yaml")


@secrets_app.command("show")
def secrets_show(
    site: Site,
    key: Annotated[str, typer.Argument(help="For example s3-z-peak-access-key.")],
) -> None:
    """Print one credential to standard output, for use in a command.

    Example: [bold]export AWS_ACCESS_KEY_ID=$(sslab secrets show local s3-z-peak-access-key)[/bold]
    """
    values = Laboratory(repository_root(), site, Progress()).stack().secret_values()
    if key not in values:
        raise SslabError(f"{site} has no {key}", remedy=f"there are: {', '.join(sorted(values))}")
    typer.echo(values[key])


@secrets_app.command("manifests")
def secrets_manifests(site: Site) -> None:
    """Print a site's Secrets as manifests with their values, for `kubectl apply`.

    For those who deploy what `sslab render` writes, where no secret is. Keep it out of files.

    Example: [bold]sslab secrets manifests chicago | kubectl apply --server-side -f -[/bold]
    """
    repository = repository_root()
    values = Laboratory(repository, site, Progress()).stack().secret_values()
    with recordings(repository, [site], values={site: values}) as recorded:
        (recording,) = recorded
    if recording.error is not None:
        raise SslabError(recording.error)
    typer.echo(secret_manifests(recording.resources), nl=False)
