"""The `sslab` command.

A command's module is imported when the command is called: what one command needs (rich, pydantic,
an HTTP client) should not make every other one slow to start.
"""

from __future__ import annotations

import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any, NamedTuple

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command, get_group

from sslab.errors import SslabError

if TYPE_CHECKING:
    from rich.console import Console


class Command(NamedTuple):
    """A command or a group of commands: its name, where it is, and what it does."""

    name: str
    home: str
    help: str


# In the order in which a newcomer needs them. `help` is the first line of the docstring.
COMMANDS = (
    Command(
        "doctor",
        "sslab.cli.tools:doctor",
        "List every tool: version, where it comes from, and how a missing one is got.",
    ),
    Command(
        "up",
        "sslab.cli.lab:up",
        "Bring a site's laboratory up: tools, cluster, images, deployment, smoke tests.",
    ),
    Command(
        "check",
        "sslab.cli.lab:check",
        "Run the smoke tests: value, expected, tolerance, duration, image, commit.",
    ),
    Command(
        "drift",
        "sslab.cli.drift:drift",
        "Show what of a site differs from what was deployed, and who changed it.",
    ),
    Command(
        "destroy",
        "sslab.cli.destroy:destroy",
        "Take a laboratory away; its data are kept, unless you say otherwise.",
    ),
    Command(
        "results",
        "sslab.cli.results:results",
        "List what smoke tests have measured, compare sites and revisions, and draw it.",
    ),
    Command(
        "history",
        "sslab.cli.history:history",
        "List a site's updates: when, who, git revision, result, what changed; the newest first.",
    ),
    Command(
        "rollback",
        "sslab.cli.rollback:rollback",
        "Put a site back to what an earlier revision says: code, site file, images and charts.",
    ),
    Command(
        "state",
        "sslab.cli.state:app",
        "Where a site's state is kept, and who has its lock.",
    ),
    Command(
        "site",
        "sslab.cli.sites:app",
        "The files of sites: add one.",
    ),
    Command(
        "pattern",
        "sslab.cli.patterns:app",
        "The folders of patterns: add one.",
    ),
    Command(
        "fork",
        "sslab.cli.fork:app",
        "Make a clone one's own, and keep it up to date.",
    ),
    Command(
        "validate",
        "sslab.cli.site:validate",
        "Check site files: every error of every file, with its line and the remedy.",
    ),
    Command(
        "catalog",
        "sslab.cli.catalog:catalog",
        "Show which pattern runs at which site, which could, and what stands in the way.",
    ),
    Command(
        "plan",
        "sslab.cli.plan:plan",
        "Show what a deployment would do, and what a change does to it.",
    ),
    Command(
        "render",
        "sslab.cli.render:render",
        "Write a site's objects as plain manifests, for Flux, Argo CD or kubectl.",
    ),
    Command(
        "deploy",
        "sslab.cli.deploy:app",
        "What the workflow does after a merge.",
    ),
    Command(
        "github",
        "sslab.cli.github:app",
        "What the workflows tell people at GitHub.",
    ),
    Command(
        "schema",
        "sslab.cli.schema:schema",
        "Print the JSON Schema of a site file, with which editors complete and check one.",
    ),
    Command(
        "env",
        "sslab.cli.tools:env",
        "Print the shell variables with which plain `pulumi` and `kubectl` work.",
    ),
    Command(
        "secrets",
        "sslab.cli.secrets:app",
        "A site's credentials, kept encrypted.",
    ),
    Command(
        "images",
        "sslab.cli.images:app",
        "The images of a site's pods: push them to its registry.",
    ),
    Command(
        "cluster",
        "sslab.cli.cluster:app",
        "Embedded clusters: real single-node Kubernetes on this machine, one per site.",
    ),
)


class Root(TyperGroup):
    """The commands of the table."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        for each in COMMANDS:  # for the list of commands and for suggestions
            self.add_command(TyperCommand(each.name, short_help=each.help))

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[str | None, Any, list[str]]:
        """Import the command that was asked for."""
        name, _, rest = super().resolve_command(ctx, args)
        return name, next((load(each) for each in COMMANDS if each.name == name), None), rest

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Write the page without rich, which takes longer to import than all the rest."""
        self.format_usage(ctx, formatter)
        self.format_help_text(ctx, formatter)
        self.format_options(ctx, formatter)


app = typer.Typer(
    cls=Root,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"max_content_width": 100},
)


@app.callback(invoke_without_command=True)
def sslab(context: typer.Context) -> None:
    """Rebuild the Scalable Systems Laboratory at any location.

    Example: `sslab up local` brings a whole laboratory up on this machine.
    """
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())
        raise typer.Exit(2)


def load(command: Command) -> Any:
    """Import a command of the table; `sslab COMMAND --help` shows all of its docstring."""
    module, _, attribute = command.home.partition(":")
    found = getattr(import_module(module), attribute)
    if isinstance(found, typer.Typer):
        return get_group(found)
    alone = typer.Typer(add_completion=False)
    alone.command(command.name)(found)
    return get_command(alone)


def main() -> None:
    """Run the command; a known failure is one message and exit code 1."""
    try:
        app()
    except SslabError as error:
        console().print(f"error: {error}", markup=False, style="red")
        sys.exit(1)
    except KeyboardInterrupt:
        console().print("interrupted; the same command goes on where this one stopped")
        sys.exit(130)
    except OSError as error:
        console().print(
            f"error: {error.strerror or error}: {error.filename or ''}; "
            "check that file and the disk's free space, and run the same command again",
            markup=False,
            style="red",
        )
        sys.exit(1)


def console() -> Console:
    """Return the console for errors."""
    from rich.console import Console

    return Console(stderr=True, highlight=False, soft_wrap=True)
