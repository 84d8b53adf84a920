"""The `sslab` command."""

from __future__ import annotations

import sys

import typer
from rich.console import Console
from typer.core import TyperGroup

from sslab.cli import cluster, lab, site, tools
from sslab.errors import SslabError


class Ordered(TyperGroup):
    """Commands in the order in which a newcomer needs them, not by the alphabet."""

    def list_commands(self, _: object) -> list[str]:
        """Return the names as they were added."""
        return list(self.commands)


app = typer.Typer(
    cls=Ordered,
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    help="Rebuild the Scalable Systems Laboratory at any location.\n\n"
    "Example: [bold]sslab up local[/bold] brings a whole laboratory up on this machine.",
)
tools.add(app)
site.add(app)
lab.add(app)
app.add_typer(cluster.app, name="cluster")


def main() -> None:
    """Run the command; a known failure is one message and exit code 1."""
    console = Console(stderr=True, highlight=False, soft_wrap=True)
    try:
        app()
    except SslabError as error:
        console.print(f"error: {error}", markup=False, style="red")
        sys.exit(1)
    except KeyboardInterrupt:
        console.print("interrupted; the same command goes on where this one stopped")
        sys.exit(130)
    except OSError as error:
        console.print(
            f"error: {error.strerror or error}: {error.filename or ''}; "
            "check that file and the disk's free space, and run the same command again",
            markup=False,
            style="red",
        )
        sys.exit(1)
