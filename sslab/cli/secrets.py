"""`sslab secrets`: a site's credentials, kept encrypted in its stack's file."""

from __future__ import annotations

import json
import sys
from typing import Annotated, Literal

import typer

from sslab.cli import secrets_report
from sslab.engine import passphrases, secrets_file
from sslab.engine.passphrase_change import PassphraseChange
from sslab.engine.recorder import recordings
from sslab.engine.secrets import all_renewable, give, listing, renew, renewable, spec_of
from sslab.errors import SslabError
from sslab.laboratory import Laboratory
from sslab.progress import Progress
from sslab.render.manifests import secret_manifests
from sslab.repository import repository_root
from sslab.toolchain.sites import ensure_helm

Site = Annotated[str, typer.Argument(help="The site: sites/<SITE>.yaml.")]
Key = Annotated[str, typer.Argument(help="For example s3-z-peak-access-key.")]
app = typer.Typer(no_args_is_help=True, help="A site's credentials, kept encrypted.")


@app.command("init")
def init(site: Site) -> None:
    """Make the stack and every credential that is missing; those that are there stay."""
    _ready(site).stack().ensure()
    typer.echo(f"every credential of {site} is there, encrypted in stacks/Pulumi.{site}.yaml")


@app.command("list")
def list_(
    site: Site,
    output: Annotated[
        Literal["text", "json"], typer.Option("--format", help="text or json.")
    ] = "text",
) -> None:
    """List the credentials: what each is for, whether it is there, since when, and who uses it.

    No value is shown, and neither passphrase nor cluster is needed. Exit code 1 when one is missing
    or not encrypted.
    """
    laboratory = _laboratory(site)
    found = listing(laboratory.repository, laboratory.site, laboratory.contracts)
    if output == "json":
        typer.echo(json.dumps(secrets_report.as_json(site, found), indent=1))
    else:
        secrets_report.show(site, found)
    if any(each.problem for each in found.credentials):
        raise typer.Exit(1)


@app.command("set")
def set_(site: Site, key: Key) -> None:
    """Put a credential that the site was given into the stack, encrypted.

    The value comes by standard input, or is asked for and not shown: a command line could be read
    by every user of the machine.

    Example: [bold]sslab secrets set chicago s3-z-peak-secret-key < secret-key.txt[/bold]
    """
    laboratory = _laboratory(site)
    spec = spec_of(laboratory.site, laboratory.contracts, key)  # before anything is typed
    if sys.stdin.isatty():
        value = typer.prompt(f"{key} of {site} (not shown)", hide_input=True)
    else:
        value = sys.stdin.read().strip("\r\n")
    _ready(site)
    give(laboratory.stack(), laboratory.site, laboratory.contracts, key, value)
    typer.echo(f"{key} of {site} is set, encrypted in stacks/Pulumi.{site}.yaml")
    secrets_report.next_steps(laboratory, [spec])


@app.command("rotate")
def rotate(
    site: Site,
    keys: Annotated[
        list[str] | None, typer.Argument(metavar="KEY", help="Those to be made anew.")
    ] = None,
    everything: Annotated[
        bool, typer.Option("--all", help="All that are made here, but for those of nodes.")
    ] = False,
    passphrase: Annotated[
        bool,
        typer.Option("--passphrase", help="Encrypt the stack with a new passphrase instead."),
    ] = False,
) -> None:
    """Make new values for credentials; the next `sslab up` brings them to the pods.

    The old ones stop working then. What the site was given, whoever gave it has to make anew:
    `sslab secrets set` takes it.

    Examples: [bold]sslab secrets rotate local s3-z-peak-access-key s3-z-peak-secret-key[/bold],
    [bold]sslab secrets rotate local --all[/bold]
    """
    if [bool(keys), everything, passphrase].count(True) != 1:
        raise typer.BadParameter("one of KEY..., --all and --passphrase is needed, and not two")
    laboratory = _laboratory(site)
    if passphrase:
        _rotate_passphrase(laboratory)
        return
    of = (laboratory.site, laboratory.contracts)
    specs = all_renewable(*of) if everything else renewable(*of, keys or ())
    if not specs:
        raise SslabError(f"{site} has no credential that is made here", remedy="nothing to do")
    _ready(site)
    renew(laboratory.stack(), specs)
    typer.echo(f"new in stacks/Pulumi.{site}.yaml: {', '.join(spec.key for spec in specs)}")
    secrets_report.next_steps(laboratory, specs)


@app.command("key")
def key(site: Site) -> None:
    """Print the passphrase that opens the site's stack, to hand it on.

    Example: [bold]sslab secrets key chicago | gh secret set PULUMI_CONFIG_PASSPHRASE --env
    chicago[/bold]
    """
    laboratory = _laboratory(site)
    file = secrets_file.path(laboratory.repository, site)
    typer.echo(passphrases.told(site, file, laboratory.environment()))


@app.command("show")
def show(site: Site, key: Key) -> None:
    """Print one credential to standard output, for use in a command.

    Example: [bold]export AWS_ACCESS_KEY_ID=$(sslab secrets show local s3-z-peak-access-key)[/bold]
    """
    values = _ready(site).stack().secret_values()
    if key not in values:
        raise SslabError(f"{site} has no {key}", remedy=f"there are: {', '.join(sorted(values))}")
    typer.echo(values[key])


@app.command("manifests")
def manifests(site: Site) -> None:
    """Print a site's Secrets as manifests with their values, for `kubectl apply`.

    For those who deploy what `sslab render` writes, where no secret is. Keep it out of files.

    Example: [bold]sslab secrets manifests chicago | kubectl apply --server-side -f -[/bold]
    """
    laboratory = _ready(site)
    values = laboratory.stack().secret_values()
    ensure_helm([laboratory.site], laboratory.repository, laboratory.progress)
    with recordings(laboratory.repository, [site], values={site: values}) as recorded:
        (recording,) = recorded
    if recording.error is not None:
        raise SslabError(recording.error)
    typer.echo(secret_manifests(recording.resources), nl=False)


def _laboratory(site: str) -> Laboratory:
    return Laboratory(repository_root(), site, Progress())


def _ready(site: str) -> Laboratory:
    """Return a laboratory whose engine is there; where it is not, it is built."""
    laboratory = _laboratory(site)
    laboratory.require_cluster()
    laboratory.engine()
    return laboratory


def _rotate_passphrase(laboratory: Laboratory) -> None:
    site = laboratory.site.name
    _ready(site)
    environment = laboratory.environment()
    done = PassphraseChange(laboratory.repository, laboratory.site, environment).make()
    typer.echo(f"{site}: {done}, in {passphrases.file_of(environment)}")
    secrets_report.next_steps_of_passphrase(laboratory)
