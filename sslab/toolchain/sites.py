"""What of the optional programs and charts a site needs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sslab.catalogue.charts import (
    ChartSource,
    chart_source,
    charts_at_hand,
    mirror_directory,
    published_charts,
)
from sslab.catalogue.contract import Contract
from sslab.catalogue.layers import own_metallb, runs_login
from sslab.catalogue.loading import read_contracts
from sslab.cluster.access import embedded
from sslab.paths import cache_dir
from sslab.progress import Progress
from sslab.site.cluster import OpenStackCluster
from sslab.site.model import Site
from sslab.site.scheduling import Kueue
from sslab.toolchain.build import Toolchain
from sslab.toolchain.charts import KUEUE_CHART, METALLB_CHART, Chart, ChartFolder
from sslab.toolchain.programs import (
    HELM,
    KUBERNETES,
    KUEUE,
    METALLB,
    OAUTH2_PROXY,
    OPENSTACK,
    Program,
    pinned_version,
)
from sslab.toolchain.templates import Helm


def plugins(site: Site) -> tuple[Program, ...]:
    """Return the providers that the site's stack needs beside that of Kubernetes."""
    return (OPENSTACK,) if isinstance(site.cluster, OpenStackCluster) else ()


def image_programs(site: Site, contracts: Mapping[str, Contract]) -> dict[str, tuple[Program, ...]]:
    """Return the programs that the images hold which are built for the site, by image."""
    held = {
        "kueue": (KUEUE,) if isinstance(site.scheduling, Kueue) else (),
        "metallb": METALLB if own_metallb(site) else (),
        "oauth2-proxy": (OAUTH2_PROXY,) if runs_login(site, contracts) else (),
    }
    built = embedded(site) or site.registry.images is not None
    return {image: programs for image, programs in held.items() if programs and built}


def charts(site: Site) -> tuple[Chart, ...]:
    """Return the charts that the site's stack renders."""
    kueue = (KUEUE_CHART,) if isinstance(site.scheduling, Kueue) else ()
    return (*kueue, *((METALLB_CHART,) if own_metallb(site) else ()))


def chart_folders(site: Site, repository: Path) -> dict[str, ChartFolder]:
    """Return the charts that the site's stack renders, by name, there or not."""
    toolchain = Toolchain(repository / "toolchain", cache_dir())
    return {chart.name: toolchain.chart(chart) for chart in charts(site)}


Template = Callable[[ChartSource, str, str, Mapping[str, Any]], Sequence[Mapping[str, Any]]]
"""Returns the objects of a chart, of its release name, its namespace and its values."""


@dataclass(frozen=True)
class Published:
    """The published charts of a site: where each is taken from, by its name, there or not.

    `template` shows the objects of one that is at hand; None where Helm has not been built.
    """

    sources: Mapping[str, ChartSource] = field(default_factory=dict)
    template: Template | None = None


def published(site: Site, contracts: Mapping[str, Contract], repository: Path) -> Published:
    """Return the published charts of a site.

    Raises SslabError where its mirror has another version of one.
    """
    charts = published_charts(site, contracts)
    sources = {chart.name: chart_source(chart, site, repository) for chart in charts}
    toolchain = Toolchain(repository / "toolchain", cache_dir())
    if not any(each.at_hand for each in sources.values()) or toolchain.missing([HELM]):
        return Published(sources)
    pinned = pinned_version(toolchain.sources / "kubernetes" / "go.mod", KUBERNETES)
    helm = Helm(
        program=toolchain.path(HELM),
        root=repository,
        version=getattr(site.cluster, "version", None) or pinned,
        field=f"sites/{site.name}.yaml: charts.mirror",
    )
    return Published(sources, helm.template)


def ensure_helm(sites: Iterable[Site], repository: Path, progress: Progress) -> None:
    """Build Helm where it is missing and a site's mirror has charts, whose objects it shows."""
    if not (repository / "toolchain" / HELM.module).is_dir():
        return  # a revision that knew of none
    mirrored = [site for site in sites if mirror_directory(site) is not None]
    contracts = read_contracts(repository)[0] if mirrored else {}
    if any(charts_at_hand(site, contracts, repository) for site in mirrored):
        Toolchain(repository / "toolchain", cache_dir()).ensure([HELM], progress)
