"""Tables about a laboratory: its smoke tests, and what runs where."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table

from sslab.checks.model import Check
from sslab.cluster.access import embedded, kubeconfig
from sslab.laboratory import Laboratory


def console() -> Console:
    """Return the console for tables: as wide as the terminal, and wide enough without one."""
    terminal = Console(highlight=False)
    return terminal if terminal.is_terminal else Console(highlight=False, width=200)


def checks(results: Sequence[Check]) -> Table:
    """Return the table of the smoke tests."""
    table = Table(
        "", "pattern", "check", "value", "expected", "tolerance", "took", "image", "commit",
        box=None, pad_edge=False,
    )  # fmt: skip
    for one in results:
        table.add_row(
            "ok" if one.passed else "FAILED",
            one.pattern,
            one.check,
            _number(one.value),
            _number(one.expected),
            _number(one.tolerance),
            f"{one.duration_s:.2f} s",
            (one.image or "-").rpartition(":")[2][:12],
            one.commit[:12] + ("-dirty" if one.commit.endswith("-dirty") else ""),
        )
    return table


def problems(console: Console, results: Sequence[Check]) -> None:
    """Print why smoke tests could not be made or failed."""
    for one in results:
        if one.problem:
            console.print(f"{one.pattern}: {one.problem}", markup=False, style="red")


def summary(laboratory: Laboratory) -> str:
    """Return what runs where, how to try it and how to stop it, one thing a paragraph."""
    site = laboratory.site
    access = kubeconfig(site)
    lines = []
    if "fitting-service" in site.patterns:
        url = site.url("fitting-service")
        lines += [
            f"Fitting service      {url}",
            "  try it             curl -H 'content-type: application/json' "
            f"-d @patterns/fitting_service/two_bin_workspace.json {url}/v1/fits",
        ]
    if "z-peak" in site.patterns:
        lines += [
            f"Z peak               {site.url('s3')}/z-peak/results/z-peak.png",
            f"  try it             .venv/bin/sslab check {site.name}",
        ]
    if site.object_storage:
        lines += [
            f"Object storage (S3)  {site.url('s3')}",
            f"  its keys           .venv/bin/sslab secrets show {site.name} s3-admin-access-key",
            f"                     .venv/bin/sslab secrets show {site.name} s3-admin-secret-key",
        ]
    lines += [
        f"Kubernetes           {access.kubeconfig}",
        f'  try it             eval "$(.venv/bin/sslab env {site.name})"; kubectl get pods -A',
        f"Credentials          stacks/Pulumi.{site.name}.yaml, encrypted",
    ]
    if embedded(site):
        lines += [
            f"Stop, keep the data  .venv/bin/sslab cluster stop {site.name}",
            "Take it all away     make down",
        ]
    return "\n".join(lines)


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.8g}"
