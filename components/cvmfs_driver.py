"""CVMFS' CSI driver from its own chart, and the StorageClass whose volumes are /cvmfs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pulumi
from pulumi_kubernetes.meta.v1 import ObjectMetaArgs
from pulumi_kubernetes.storage.v1 import StorageClass, StorageClassInitArgs

from components import charts
from components.charts import ChartRules
from components.workloads import HouseRules
from sslab.catalogue.charts import CVMFS_CONFIGURATION, CVMFS_DRIVER, ChartSource
from sslab.catalogue.quantity import parse_quantity

NAME = "cvmfs-csi"
CLASS = "cvmfs"

_NODE = ("plugin", "automount", "automountReconciler", "singlemount", "registrar")
_CONTROLLER = ("plugin", "provisioner")
MEBIBYTE = 1024**2


@dataclass(frozen=True, kw_only=True)
class DriverArgs:
    """Where the driver runs, of which chart, and what its clients are told.

    `proxies` are the squids that they ask, `cache` is the size of each node's cache as a quantity.
    """

    namespace: pulumi.Input[str]
    chart: ChartSource
    repositories: Sequence[str]
    proxies: Sequence[pulumi.Input[str]]
    cache: str
    rules: ChartRules
    house: HouseRules


def run(args: DriverArgs, parent: pulumi.Resource) -> pulumi.Output[str]:
    """Run the driver, and return the name of its StorageClass, known once the driver is there."""
    chart = charts.published(
        NAME,
        args.chart,
        args.namespace,
        values(args),
        args.rules,
        parent,
    )
    offered = StorageClass(
        CLASS,
        # without a parameter `repository` a volume is all of /cvmfs
        StorageClassInitArgs(metadata=ObjectMetaArgs(name=CLASS), provisioner=CVMFS_DRIVER),
        opts=pulumi.ResourceOptions(parent=parent, depends_on=[chart]),
    )
    return offered.metadata.name


def values(args: DriverArgs) -> dict[str, Any]:
    """Return what the chart is to do otherwise: no proxy of CERN's, and bounded resources."""
    bounded = {"resources": _resources(args.house)}
    return {
        "extraConfigMaps": {"cvmfs-csi-default-local": {"default.local": _client(args)}},
        "cache": {"local": {"cvmfsQuotaLimit": _mebibytes(args.cache)}},
        "csiDriverName": CVMFS_DRIVER,
        "automountStorageClass": {"create": False},
        "nodeplugin": dict.fromkeys(_NODE, bounded),
        "controllerplugin": dict.fromkeys(_CONTROLLER, bounded),
    }


def _client(args: DriverArgs) -> pulumi.Output[str]:
    """Return the client's configuration, all of it: the chart's has CERN's own proxy."""
    listed = ",".join(dict.fromkeys([*args.repositories, CVMFS_CONFIGURATION]))
    return pulumi.Output.all(*args.proxies).apply(
        lambda proxies: "".join(
            f"{line}\n"
            for line in (
                f'CVMFS_HTTP_PROXY="{"|".join(proxies)}"',
                f"CVMFS_REPOSITORIES={listed}",
                "CVMFS_STRICT_MOUNT=yes",  # no other than those
                "CVMFS_USE_GEOAPI=yes",
                f"CVMFS_QUOTA_LIMIT={_mebibytes(args.cache)}",
                "CVMFS_CACHE_BASE=/cvmfs-localcache",  # where the chart mounts its cache
            )
        )
    )


def _mebibytes(quantity: str) -> int:
    return int(parse_quantity(quantity) / MEBIBYTE)


def _resources(house: HouseRules) -> Mapping[str, Mapping[str, str]]:
    """Return what each container of the driver may take."""
    requests = {"cpu": "50m", "memory": "256Mi"}
    wanted = {"cpu": "1", "memory": "1Gi"}
    return {"requests": requests, "limits": house.limits(requests, wanted)}
