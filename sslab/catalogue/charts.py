"""Helm charts that are published at an address: which a site's stack renders, and from where."""

from __future__ import annotations

import tarfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml

from sslab.catalogue.contract import Contract, PublishedChart
from sslab.errors import SslabError
from sslab.site.model import Site
from sslab.site.substrate import CsiCvmfs

OCI = "oci://"


@dataclass(frozen=True, kw_only=True)
class ChartSource:
    """Where a site takes a chart from, as Pulumi and Helm write it, and its version.

    `repository` is the chart repository that `chart` is a name in; None where it says all itself.
    `at_hand` is set where the chart lies on this machine, so that its objects can be shown.
    """

    chart: str
    version: str
    repository: str | None = None
    at_hand: bool = False


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


def published_charts(site: Site, contracts: Mapping[str, Contract]) -> tuple[PublishedChart, ...]:
    """Return the published charts that a site's stack renders."""
    of_layers = (CVMFS_CHART,) if isinstance(site.cvmfs, CsiCvmfs) else ()
    run = [contracts[name] for name in sorted(site.patterns) if name in contracts]
    return (*of_layers, *(chart for contract in run for chart in contract.charts))


def mirror_directory(site: Site) -> str | None:
    """Return the directory that a site takes charts from, None where that is an address."""
    mirror = site.charts.mirror
    return None if mirror is None or mirror.startswith(OCI) else mirror


def chart_source(chart: PublishedChart, site: Site, root: Path) -> ChartSource:
    """Return where a site takes a chart from: its mirror where it has one, there or not.

    `root` is the repository, which a mirror may be a folder of. Raises SslabError where the mirror
    has another version of the chart.
    """
    mirror = site.charts.mirror
    if mirror is None:
        if chart.address.startswith(OCI):
            pin = f"@{chart.digest}" if chart.digest else ""
            return ChartSource(chart=f"{chart.address}{pin}", version=chart.version)
        return ChartSource(chart=chart.name, version=chart.version, repository=chart.address)
    if mirror.startswith(OCI):
        return ChartSource(chart=f"{mirror}/{chart.name}", version=chart.version)
    found = _at_hand(chart, site, root)
    lies = found or _candidates(chart, mirror)[1]
    # relative to the repository as the site file has it: the same text in every clone
    return ChartSource(chart=lies, version=chart.version, at_hand=found is not None)


def require_charts(site: Site, contracts: Mapping[str, Contract], root: Path) -> None:
    """Raise SslabError where the directory that stands for the upstream lacks a chart."""
    mirror = mirror_directory(site)
    if mirror is None:
        return
    for chart in published_charts(site, contracts):
        if _at_hand(chart, site, root) is None:
            raise SslabError(
                f"{_field(site)}: {mirror} has no chart {chart.name} {chart.version}",
                remedy=f"run `{_pull(chart, mirror)}` where the address is reached, "
                "or delete charts.mirror",
            )


def charts_at_hand(site: Site, contracts: Mapping[str, Contract], root: Path) -> bool:
    """Tell whether any published chart of a site lies in its mirror, in whatever version."""
    mirror = mirror_directory(site)
    if mirror is None:
        return False
    wanted = published_charts(site, contracts)
    return any((root / path).exists() for each in wanted for path in _candidates(each, mirror))


def _field(site: Site) -> str:
    return f"sites/{site.name}.yaml: charts.mirror"


def _pull(chart: PublishedChart, mirror: str) -> str:
    """Return the command that lays a chart into a mirror."""
    oci = chart.address.startswith(OCI)
    what = chart.address if oci else f"{chart.name} --repo {chart.address}"
    return f"helm pull {what} --version {chart.version} --destination {mirror}"


def _candidates(chart: PublishedChart, mirror: str) -> tuple[str, str]:
    """Return where the chart is as a folder, and where as an archive."""
    folder = mirror.rstrip("/")
    return f"{folder}/{chart.name}", f"{folder}/{chart.name}-{chart.version}.tgz"


def _at_hand(chart: PublishedChart, site: Site, root: Path) -> str | None:
    """Return where a chart lies in the site's mirror, None where it does not.

    Raises SslabError where what lies there is another chart: Helm would take it all the same.
    """
    assert site.charts.mirror is not None
    folder, archive = _candidates(chart, site.charts.mirror)
    if (root / folder / "Chart.yaml").is_file():
        file = f"{folder}/Chart.yaml"
        text = (root / file).read_text(encoding="utf-8")
        _require(chart, text, file, site)
        return folder
    if (root / archive).is_file():
        file = f"{archive}: {chart.name}/Chart.yaml"
        _require(chart, _packed(root / archive, chart.name), file, site)
        return archive
    return None


def _packed(archive: Path, name: str) -> str:
    """Return the Chart.yaml in an archive, the empty text where it has none."""
    try:
        with tarfile.open(archive) as packed:
            member = packed.extractfile(f"{name}/Chart.yaml")
            return member.read().decode() if member else ""
    except (tarfile.TarError, KeyError, OSError, UnicodeDecodeError):
        return ""


def _require(chart: PublishedChart, text: str, file: str, site: Site) -> None:
    """Raise SslabError unless a Chart.yaml is that of the wanted chart in the wanted version."""
    try:
        told = yaml.safe_load(text)
    except yaml.YAMLError:
        told = None
    facts = told if isinstance(told, dict) else {}
    for field, wanted in (("name", chart.name), ("version", chart.version)):
        if str(facts.get(field)) == wanted:
            continue
        says = f"is {facts[field]}" if field in facts else "is not there"
        raise SslabError(
            f"{_field(site)}: {file}: {field}: {says}, and the laboratory runs {chart.name} "
            f"{chart.version}",
            remedy=f"run `{_pull(chart, site.charts.mirror or '')}` where the address is reached, "
            "and delete what is there",
        )
