"""What of the optional programs and charts a site needs."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from sslab.catalogue.contract import Contract
from sslab.catalogue.layers import own_metallb, runs_login
from sslab.cluster.access import embedded
from sslab.paths import cache_dir
from sslab.site.cluster import OpenStackCluster
from sslab.site.model import Site
from sslab.site.scheduling import Kueue
from sslab.toolchain.build import Toolchain
from sslab.toolchain.charts import KUEUE_CHART, METALLB_CHART, Chart, ChartFolder
from sslab.toolchain.programs import KUEUE, METALLB, OAUTH2_PROXY, OPENSTACK, Program


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
