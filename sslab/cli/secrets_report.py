"""What `sslab secrets` prints: a table of credentials, and what comes after a change of one."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence

import typer
from rich.console import Console
from rich.table import Table

from sslab.catalogue.secrets import SecretSpec
from sslab.engine import secrets_file
from sslab.engine.secrets import Listing
from sslab.engine.secrets_users import users
from sslab.errors import SslabError
from sslab.laboratory import Laboratory


def show(site: str, found: Listing) -> None:
    """Print what a stack has of credentials, and the commands for what is wrong."""
    table = Table("", "key", "what for", "from", "since", "used by", box=None, pad_edge=False)
    for each in found.credentials:
        state = each.problem or ("ok" if each.present else "not given")
        table.add_row(
            state.upper() if each.problem else state,
            each.spec.key,
            each.spec.purpose,
            "made here" if each.spec.recipe else "the site",
            each.set_on or "-",
            ", ".join(user.name for user in each.users) or "-",
        )
    # wide enough for the table where there is no terminal to be as wide as
    console = Console(highlight=False, width=None if sys.stdout.isatty() else 250)
    if found.credentials:
        console.print(table)
    else:
        typer.echo(f"{site} needs no credentials")
    for heading, keys in _problems(site, found):
        typer.echo(f"{heading}:")
        for one in keys:
            typer.echo(f"  {one}")


def _problems(site: str, found: Listing) -> list[tuple[str, list[str]]]:
    """Return what is to be done, with the command for each key."""
    by_us = [e for e in found.credentials if e.problem == "missing" and e.spec.recipe]
    given = [e for e in found.credentials if e.problem == "missing" and not e.spec.recipe]
    plain = [e for e in found.credentials if e.problem == "in plain text"]
    told = [
        ("missing", [f"sslab secrets init {site}"] if by_us else []),
        (
            "missing, and the site's to give",
            [f"sslab secrets set {site} {e.spec.key}" for e in given],
        ),
        (
            "in plain text: known to whoever reads the repository, so get a new one",
            [
                f"sslab secrets {'rotate' if e.spec.recipe else 'set'} {site} {e.spec.key}"
                for e in plain
            ],
        ),
        (
            "unused: nothing asks for it any more",
            [f"pulumi config rm ssl:{key} -s {site}" for key in found.unused],
        ),
    ]
    return [(heading, keys) for heading, keys in told if keys]


def as_json(site: str, found: Listing) -> dict[str, object]:
    """Return the same for programs."""
    return {
        "site": site,
        "secrets": [
            {
                "key": each.spec.key,
                "purpose": each.spec.purpose,
                "origin": "made" if each.spec.recipe else "given",
                "needed": each.spec.needed,
                "present": each.present,
                "encrypted": each.encrypted,
                "set_on": each.set_on,
                "used_by": [{"name": user.name, "restarts": user.restarts} for user in each.users],
            }
            for each in found.credentials
        ],
        "unused": list(found.unused),
    }


def next_steps(laboratory: Laboratory, specs: Sequence[SecretSpec]) -> None:
    """Say how new values of credentials reach the pods, and what happens to these."""
    site = laboratory.site.name
    typer.echo("next:")
    if not _ignored(laboratory):
        typer.echo(f"  commit stacks/Pulumi.{site}.yaml")
    typer.echo(f"  .venv/bin/sslab up {site}: until then nothing changes there")
    try:
        asking = users(laboratory.repository, laboratory.site, specs)
    except SslabError as error:
        typer.echo(f"  what uses it is not known: {error}")
        return
    using = sorted({user for each in asking.values() for user in each})
    for heading, some in (
        ("it makes these anew, with what is on their disks", [e for e in using if e.is_node]),
        ("it restarts", [e for e in using if e.restarts and not e.is_node]),
        ("these use it when they run again", [e for e in using if not e.restarts]),
    ):
        if some:
            typer.echo(f"  {heading}: {', '.join(each.name for each in some)}")
    if not using:
        typer.echo("  no pod uses it, as the site file stands")


def next_steps_of_passphrase(laboratory: Laboratory) -> None:
    """Say who needs a new passphrase, and what the old one is still good for."""
    site = laboratory.site.name
    typer.echo("next:")
    if not _ignored(laboratory):
        typer.echo(f"  commit stacks/Pulumi.{site}.yaml")
        typer.echo(
            f"  .venv/bin/sslab secrets key {site} | "
            f"gh secret set PULUMI_CONFIG_PASSPHRASE --env {site}"
        )
    typer.echo("  the old one still opens what was encrypted with it, in git and in backups of")
    typer.echo("  the state; where strangers know it, credentials have to be new as well:")
    typer.echo(f"  .venv/bin/sslab secrets rotate {site} --all")


def _ignored(laboratory: Laboratory) -> bool:
    """Tell whether git is to ignore the stack's file, as it is that of one machine alone."""
    file = secrets_file.path(laboratory.repository, laboratory.site.name)
    told = subprocess.run(
        ["git", "check-ignore", "--quiet", str(file)],
        cwd=laboratory.repository,
        capture_output=True,
        check=False,
    )
    return told.returncode == 0
