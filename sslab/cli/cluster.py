"""`sslab cluster`: embedded clusters by name."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from sslab.cli import tables
from sslab.cluster.errors import ClusterError
from sslab.cluster.lifecycle import Cluster, names
from sslab.laboratory import Laboratory
from sslab.paths import state_dir
from sslab.progress import Progress, duration
from sslab.repository import repository_root

app = typer.Typer(
    no_args_is_help=True,
    help="Embedded clusters: real single-node Kubernetes on this machine, one per site.",
)
Name = Annotated[str, typer.Argument(help="The cluster's name: that of its site.")]


@app.command()
def start(name: Name = "local") -> None:
    """Start a site's cluster, building what is missing; its data is there again."""
    laboratory = Laboratory(repository_root(), name, Progress())
    laboratory.require_deployable()
    laboratory.tools()
    laboratory.start_cluster()
    typer.echo(f"cluster {name} runs; export KUBECONFIG={laboratory.cluster.home / 'kubeconfig'}")


@app.command()
def stop(name: Name = "local") -> None:
    """Stop a cluster; its data stays and `start` brings it back."""
    _existing(name).stop()
    typer.echo(f"cluster {name} is stopped; its data is kept in {_existing(name).home}")


@app.command()
def status(name: Name = "local") -> None:
    """Show each process of a cluster. Exit code 1 unless all of them run."""
    cluster = _existing(name)
    table = Table("process", "state", "pid", "since", box=None, pad_edge=False)
    for state in cluster.states():
        table.add_row(state.name, state.state.lower(), str(state.pid), duration(state.since_s))
    running = cluster.running()
    if table.row_count:
        tables.console().print(table)
    typer.echo(f"cluster {name}: {'running' if running else 'not running'}")
    raise typer.Exit(0 if running else 1)


@app.command()
def logs(
    name: Name = "local",
    process: Annotated[str | None, typer.Option(help="Only this process.")] = None,
    lines: Annotated[int, typer.Option(min=1, help="How many lines of each.")] = 20,
) -> None:
    """Show the end of the processes' logs.

    Example: [bold]sslab cluster logs local --process kubelet --lines 100[/bold]
    """
    folder = _existing(name).home / "logs"
    files = sorted(folder.glob(f"{process or '*'}.log"))
    if not files:
        known = ", ".join(path.stem for path in sorted(folder.glob("*.log")))
        raise ClusterError(f"there is no log of {process}", remedy=f"there are: {known}")
    for file in files:
        typer.echo(f"== {file}")
        typer.echo("\n".join(_tail(file, lines)))


@app.command()
def delete(
    name: Name = "local",
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Delete a cluster with all its data; nothing of it stays on this machine."""
    cluster = _existing(name)
    if not yes:
        typer.confirm(f"Delete the cluster {name} and all its data in {cluster.home}?", abort=True)
    cluster.delete()
    typer.echo(f"cluster {name} is deleted")


@app.command("list")
def list_clusters() -> None:
    """List the embedded clusters of this machine."""
    table = Table("cluster", "state", "address", "ports on loopback", box=None, pad_edge=False)
    for name in names(state_dir()):
        cluster = Cluster(state_dir(), name)
        spec = cluster.spec
        if spec is not None:
            state = "running" if cluster.running() else "stopped"
            table.add_row(name, state, spec.address, ", ".join(map(str, spec.publish)))
    if not table.row_count:
        typer.echo("there is no embedded cluster; `make up` makes one")
        return
    tables.console().print(table)


def _existing(name: str) -> Cluster:
    cluster = Cluster(state_dir(), name)
    if cluster.spec is None:
        known = ", ".join(names(state_dir())) or "none"
        raise ClusterError(f"there is no cluster {name}", remedy=f"there are: {known}")
    return cluster


def _tail(file: Path, lines: int) -> list[str]:
    return file.read_text(errors="replace").splitlines()[-lines:]
