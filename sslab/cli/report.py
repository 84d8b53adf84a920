"""Tables about a laboratory: its smoke tests, and what runs where."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from rich.console import Console
from rich.table import Table

from sslab.catalogue import layers
from sslab.catalogue.monitoring import PROMETHEUS
from sslab.catalogue.secrets import ADMIN
from sslab.checks.model import Check
from sslab.cluster.access import embedded, kubeconfig
from sslab.laboratory import Laboratory
from sslab.site.model import Site
from sslab.site.object_storage import SeaweedFS


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
    # a site that gives one namespace shows no other
    is_tenant = site.privilege.scope == "namespace"
    where = f"-n {site.privilege.namespaces[0]}" if is_tenant else "-A"
    logins = layers.guarded(site, laboratory.contracts)
    lines = [
        *_fitting_service(site, logins),
        *_z_peak(site),
        *_object_storage(site),
        *_metrics(site),
        f"Kubernetes           {kubeconfig(site).kubeconfig}",
        f'  try it             eval "$(.venv/bin/sslab env {site.name})"; kubectl get pods {where}',
        f"Credentials          stacks/Pulumi.{site.name}.yaml, encrypted",
    ]
    if embedded(site):
        away = "make down" if site.name == "local" else f".venv/bin/sslab destroy {site.name}"
        lines += [
            f"Stop, keep the data  .venv/bin/sslab cluster stop {site.name}",
            f"Take it all away     {away}",
        ]
    return "\n".join(lines)


def _fitting_service(site: Site, logins: Collection[str]) -> list[str]:
    if "fitting-service" not in site.patterns or site.reached is None:
        return []
    url = site.url("fitting-service")
    if "fitting-service" in logins:
        return [f"Fitting service      {url}", "  try it             in a browser, with a login"]
    return [
        f"Fitting service      {url}",
        "  try it             curl -H 'content-type: application/json' "
        f"-d @patterns/fitting_service/two_bin_workspace.json {url}/v1/fits",
    ]


def _z_peak(site: Site) -> list[str]:
    if "z-peak" not in site.patterns:
        return []
    address, bucket = layers.objects_url(site), layers.bucket_name(site, "z-peak")
    return [
        f"Z peak               {f'{address}/' if address else ''}{bucket}/results/z-peak.png",
        f"  try it             .venv/bin/sslab check {site.name}",
    ]


def _object_storage(site: Site) -> list[str]:
    is_own = isinstance(site.object_storage, SeaweedFS)
    identities = (ADMIN,) if is_own else site.buckets[:1]
    if not identities:
        return []
    show = f".venv/bin/sslab secrets show {site.name} s3-{identities[0]}"
    return [
        f"Object storage (S3)  {layers.objects_url(site) or 'inside the cluster only'}",
        f"  its keys           {show}-access-key",
        f"                     {show}-secret-key",
    ]


def _metrics(site: Site) -> list[str]:
    if site.monitoring.mode != "own":
        return []
    page = "/consoles/index.html"
    if layers.metrics_behind_login(site):
        return [
            f"Metrics              {site.url(PROMETHEUS)}{page}",
            "  try it             in a browser, with a login",
        ]
    home = layers.namespace(site, layers.LAYER_NAMESPACES["Monitoring"])
    return [
        f"Metrics              http://localhost:9090{page}",
        f"  while this runs    kubectl port-forward -n {home} service/{PROMETHEUS} 9090",
    ]


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.8g}"
