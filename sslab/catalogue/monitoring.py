"""What is watched at a site: the processes with metrics, by the `job` that they are called."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from sslab.catalogue.contract import Contract
from sslab.site.model import Site
from sslab.site.object_storage import SeaweedFS
from sslab.site.substrate import TraefikIngress

PROMETHEUS: Final = "prometheus"
INGRESS: Final = "traefik"
OBJECT_STORE: Final = "object-storage"
OBJECT_GATEWAY: Final = "object-storage-gateway"


def watched_patterns(site: Site, contracts: Mapping[str, Contract]) -> dict[str, int]:
    """Return the patterns of a site that have metrics, sorted, and the port of each."""
    ports = {name: contracts[name].metrics_port for name in site.patterns if name in contracts}
    return {name: port for name, port in sorted(ports.items()) if port is not None}


def watched(site: Site, contracts: Mapping[str, Contract]) -> tuple[str, ...]:
    """Return the jobs of a site whose metrics are collected; empty where none are."""
    if site.monitoring.mode == "off":
        return ()
    runs = {
        PROMETHEUS: site.monitoring.mode == "own",
        INGRESS: isinstance(site.ingress, TraefikIngress),
        OBJECT_STORE: isinstance(site.object_storage, SeaweedFS),
        OBJECT_GATEWAY: isinstance(site.object_storage, SeaweedFS),
    }
    layers = (job for job, does in runs.items() if does)
    return (*layers, *watched_patterns(site, contracts))
