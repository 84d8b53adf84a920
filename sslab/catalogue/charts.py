"""Helm charts that are published at an address, with the version that the laboratory runs."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from sslab.errors import SslabError
from sslab.site.model import Site
from sslab.site.substrate import CsiCvmfs


@dataclass(frozen=True, kw_only=True)
class PublishedChart:
    """One chart: where its project publishes it, and which version of it is run.

    `digest` pins the content, as in `sha256:...`; None where nobody has looked it up yet.
    """

    name: str
    version: str
    address: str
    digest: str | None = None


@dataclass(frozen=True, kw_only=True)
class ChartSource:
    """Where a site takes a chart from, as Pulumi and Helm write it, and its version."""

    chart: str
    version: str


CVMFS_CHART = PublishedChart(
    name="cvmfs-csi",
    version="2.5.2",
    address="oci://registry.cern.ch/kubernetes/charts/cvmfs-csi",
    digest=None,  # not looked up: the registry was out of reach when this was written
)

CVMFS_DRIVER = "cvmfs.csi.cern.ch"
"""What the driver is called, by its chart and by its StorageClasses."""

CVMFS_CONFIGURATION = "cvmfs-config.cern.ch"
"""The repository from which CVMFS' clients learn where the others are."""


def published_charts(site: Site) -> tuple[PublishedChart, ...]:
    """Return the published charts that a site's stack renders."""
    return (CVMFS_CHART,) if isinstance(site.cvmfs, CsiCvmfs) else ()


def chart_source(chart: PublishedChart, site: Site) -> ChartSource:
    """Return where a site takes a chart from: its mirror where it has one, there or not."""
    mirror = site.charts.mirror
    if mirror is None:
        pin = f"@{chart.digest}" if chart.digest else ""
        return ChartSource(chart=f"{chart.address}{pin}", version=chart.version)
    if mirror.startswith("oci://"):
        return ChartSource(chart=f"{mirror}/{chart.name}", version=chart.version)
    folder, archive = _in_directory(chart, mirror)
    return ChartSource(chart=str(folder if folder.is_dir() else archive), version=chart.version)


def require_charts(site: Site) -> None:
    """Raise SslabError where the directory that stands for the upstream lacks a chart."""
    mirror = site.charts.mirror
    if mirror is None or mirror.startswith("oci://"):
        return
    for chart in published_charts(site):
        folder, archive = _in_directory(chart, mirror)
        if not ((folder / "Chart.yaml").is_file() or archive.is_file()):
            raise SslabError(
                f"sites/{site.name}.yaml: charts.mirror: {mirror} has no chart {chart.name} "
                f"{chart.version}",
                remedy=f"run `helm pull {chart.address} --version {chart.version} --destination "
                f"{mirror}` where the address is reached, or delete charts.mirror",
            )


def _in_directory(chart: PublishedChart, mirror: str) -> tuple[Path, Path]:
    """Return where the chart is as a folder, and where as an archive."""
    return Path(mirror, chart.name), Path(mirror, f"{chart.name}-{chart.version}.tgz")
