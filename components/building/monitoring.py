"""The monitoring of a site: a Prometheus of its own, or what the site's is told."""

from __future__ import annotations

from collections.abc import Iterator

from components import seaweedfs, seaweedfs_processes, traefik
from components.building.site import Building
from components.identity import Identity
from components.ingress import Ingress
from components.monitoring.layer import Monitoring, MonitoringArgs
from components.monitoring.operator import OperatorArgs
from components.monitoring.prometheus import PrometheusArgs
from components.monitoring.scraping import Target
from components.monitoring.watched import Watched
from components.storage import Storage
from sslab.catalogue.layers import LAYER_IMAGES, LAYER_NAMESPACES, metrics_behind_login
from sslab.catalogue.monitoring import (
    INGRESS,
    OBJECT_GATEWAY,
    OBJECT_STORE,
    PROMETHEUS,
    watched,
    watched_patterns,
)
from sslab.site.object_storage import SeaweedFS

MEBIBYTE = 1024**2


def build(
    building: Building, storage: Storage, ingress: Ingress | None, login: Identity | None
) -> None:
    """Make the monitoring; nothing where the site wants none.

    Prometheus lets everybody in, so that it gets a route only where a login can be in front of it.
    """
    site, contracts = building.site, building.args.contracts
    if site.monitoring.mode == "off":
        return
    jobs = watched(site, contracts)
    collected_by: PrometheusArgs | OperatorArgs = OperatorArgs(labels=site.monitoring.labels)
    is_routed = metrics_behind_login(site)
    if site.monitoring.mode == "own":
        collected_by = PrometheusArgs(
            image=building.args.images[LAYER_IMAGES["Monitoring"]],
            storage_class=storage.rwo_class,
            cluster_domain=site.cni.cluster_domain,
            url=site.url(PROMETHEUS) if is_routed else None,
            house=building.house,
        )
    monitoring = Monitoring(
        "monitoring",
        MonitoringArgs(
            watched=Watched(
                laboratory=site.name, jobs=jobs, object_storage_b=_capacity_b(building)
            ),
            targets=[target for target in _targets(building) if target.job in jobs],
            namespace=building.names[LAYER_NAMESPACES["Monitoring"]],
            collected_by=collected_by,
        ),
        opts=building.layer,
    )
    if is_routed and monitoring.backend and ingress and login:
        guarded = login.in_front_of(PROMETHEUS, monitoring.backend, monitoring)
        ingress.route(PROMETHEUS, guarded, monitoring)


def _targets(building: Building) -> Iterator[Target]:
    """Yield everything that may be watched, but for Prometheus itself."""
    site, names = building.site, building.names
    for job, layer, pods, port in (
        (INGRESS, "Ingress", traefik.TRAEFIK, traefik.ADMIN),
        (OBJECT_STORE, "ObjectStorage", seaweedfs.NAME, seaweedfs_processes.STORE_METRICS),
        (OBJECT_GATEWAY, "ObjectStorage", seaweedfs.NAME, seaweedfs_processes.GATEWAY_METRICS),
    ):
        if LAYER_NAMESPACES[layer] in names:
            yield Target(job=job, namespace=names[LAYER_NAMESPACES[layer]], pods=pods, port=port)
    for pattern, port in watched_patterns(site, building.args.contracts).items():
        yield Target(job=pattern, namespace=names[pattern], pods=pattern, port=port)


def _capacity_b(building: Building) -> int | None:
    """Return what SeaweedFS takes before it is full, in bytes."""
    site = building.site
    if not isinstance(site.object_storage, SeaweedFS):
        return None
    capacity = site.object_storage.capacity
    size, count = seaweedfs_processes.volume_layout(capacity, len(site.buckets))
    return size * count * MEBIBYTE
