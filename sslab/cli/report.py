"""Tables about a laboratory: its smoke tests, and what runs where."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table

from sslab.checks.model import Check
from sslab.cluster.access import embedded, kubeconfig
from sslab.laboratory import Laboratory


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


def summary(laboratory: Laboratory) -> Table:
    """Return what runs where, how to try it and how to stop it."""
    site = laboratory.site
    table = Table("what", "where", "how to try it", box=None, pad_edge=False)
    if "fitting-service" in site.patterns:
        url = site.url("fitting-service")
        table.add_row(
            "fitting service",
            url,
            f"curl -d @patterns/fitting_service/two_bin_workspace.json "
            f"-H 'content-type: application/json' {url}/v1/fits",
        )
    if "z-peak" in site.patterns:
        table.add_row("Z peak", f"{site.url('s3')}/z-peak", f"sslab check {site.name}")
    if site.object_storage:
        keys = f"sslab secrets show {site.name} s3-admin-access-key (and -secret-key)"
        table.add_row("object storage (S3)", site.url("s3"), keys)
    access = kubeconfig(site)
    table.add_row(
        "Kubernetes", str(access.kubeconfig), 'eval "$(.venv/bin/sslab env)"; kubectl get pods -A'
    )
    table.add_row("credentials", f"stacks/Pulumi.{site.name}.yaml, encrypted", "")
    if embedded(site):
        table.add_row("stop, data stays", "", f"sslab cluster stop {site.name}")
        table.add_row("take all away", "", "make down")
    return table


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.8g}"
