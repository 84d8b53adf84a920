"""The CVMFS of a site, and the patterns that mount it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pulumi

from components.building.site import Building
from components.cvmfs import Cvmfs, CvmfsArgs, CvmfsMount
from components.cvmfs_driver import DriverArgs
from components.squid import Squid, SquidArgs
from sslab.catalogue.charts import CVMFS_CHART
from sslab.catalogue.layers import LAYER_IMAGES, LAYER_NAMESPACES, namespace
from sslab.site.substrate import ClassCvmfs, CsiCvmfs, HostCvmfs, Nothing


def build(building: Building) -> Mapping[str, CvmfsMount]:
    """Return how each pattern that mounts CVMFS does so, by its name."""
    site, contracts = building.site, building.args.contracts
    offered: DriverArgs | HostCvmfs | ClassCvmfs
    match site.cvmfs:
        case None | Nothing():
            return {}
        case CsiCvmfs() as csi:
            offered = _driver(building, csi)
        case there:
            offered = there
    mounting = [name for name in building.args.patterns if contracts[name].needs.cvmfs]
    # a tenant's patterns share one namespace, and one claim
    homes = {name: namespace(site, name) for name in sorted(mounting)}
    cvmfs = Cvmfs(
        "cvmfs",
        CvmfsArgs(
            offered=offered,
            namespaces={home: building.names[name] for name, home in homes.items()},
        ),
        opts=building.layer,
    )
    return {name: cvmfs.mounts[home] for name, home in homes.items()}


def _driver(building: Building, csi: CsiCvmfs) -> DriverArgs:
    return DriverArgs(
        namespace=building.names[LAYER_NAMESPACES["Cvmfs"]],
        chart=building.chart(CVMFS_CHART),
        repositories=csi.repositories,
        proxies=csi.proxies or _squid(building),
        cache=csi.cache,
        rules=building.chart_rules,
        house=building.house,
    )


def _squid(building: Building) -> Sequence[pulumi.Output[str]]:
    """Run a squid, as the site has none, and return its address."""
    args = SquidArgs(
        namespace=building.names[LAYER_NAMESPACES["Squid"]],
        image=building.args.images[LAYER_IMAGES["Squid"]],
        cluster_domain=building.site.cni.cluster_domain,
        house=building.house,
    )
    return [Squid("squid", args, opts=building.layer).url]
