"""What the dashboards show: one list, of which both of them are made."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from components.monitoring.alerts import object_storage_fullness
from components.monitoring.watched import Watched
from sslab.catalogue.monitoring import INGRESS, OBJECT_GATEWAY, OBJECT_STORE, PROMETHEUS

Unit = Literal["number", "part", "seconds", "bytes", "per second"]


@dataclass(frozen=True, kw_only=True)
class Panel:
    """A graph with a line for each value of a label; `part` is a unit from 0 to 1."""

    title: str
    expr: str
    label: str
    unit: Unit


def panels(watched: Watched) -> tuple[Panel, ...]:
    """Return the panels about the jobs of a laboratory, in the order in which they are shown."""
    about = {
        INGRESS: _ingress,
        OBJECT_STORE: _object_store,
        OBJECT_GATEWAY: _object_gateway,
        PROMETHEUS: _prometheus,
    }
    first = Panel(
        title="Targets: 1 is up, 0 is down",
        expr=f"min by (job) ({watched.series('up')})",
        label="job",
        unit="number",
    )
    ours = (panel for job, make in about.items() if job in watched.jobs for panel in make(watched))
    return (first, *_processes(watched), *ours)


def _processes(watched: Watched) -> Iterator[Panel]:
    yield Panel(
        title="CPU cores in use",
        expr=f"sum by (job) (rate({watched.series('process_cpu_seconds_total')}[5m]))",
        label="job",
        unit="number",
    )
    yield Panel(
        title="Memory in use",
        expr=f"sum by (job) ({watched.series('process_resident_memory_bytes')})",
        label="job",
        unit="bytes",
    )


def _ingress(watched: Watched) -> Iterator[Panel]:
    requests = "traefik_service_requests_total"
    every = f"sum by (service) (rate({watched.series(requests, INGRESS)}[5m]))"
    failed = watched.series(requests, INGRESS, 'code=~"5.."')
    took = watched.series("traefik_service_request_duration_seconds_bucket", INGRESS)
    yield Panel(title="Requests", expr=every, label="service", unit="per second")
    yield Panel(
        title="Requests that fail (5xx)",
        # nothing has failed: no series, and the part is 0
        expr=f"(sum by (service) (rate({failed}[5m])) or {every} * 0) / ({every} > 0)",
        label="service",
        unit="part",
    )
    yield Panel(
        title="What 95 % of the requests take at most",
        expr=f"histogram_quantile(0.95, sum by (service, le) (rate({took}[5m])))",
        label="service",
        unit="seconds",
    )


def _object_store(watched: Watched) -> Iterator[Panel]:
    size = watched.series(
        "SeaweedFS_volumeServer_total_disk_size", OBJECT_STORE, 'type="normal"', 'collection!=""'
    )
    yield Panel(
        title="Object storage: part of the capacity in use",
        expr=object_storage_fullness(watched),
        label="laboratory",
        unit="part",
    )
    yield Panel(
        title="Object storage: size of the buckets",
        expr=f"sum by (collection) ({size})",
        label="collection",
        unit="bytes",
    )


def _object_gateway(watched: Watched) -> Iterator[Panel]:
    requests = watched.series("SeaweedFS_s3_request_total", OBJECT_GATEWAY)
    yield Panel(
        title="Object storage: requests by status",
        expr=f"sum by (code) (rate({requests}[5m]))",
        label="code",
        unit="per second",
    )


def _prometheus(watched: Watched) -> Iterator[Panel]:
    yield Panel(
        title="Prometheus: measurements on its volume",
        expr=watched.series("prometheus_tsdb_storage_blocks_bytes", PROMETHEUS),
        label="job",
        unit="bytes",
    )
    yield Panel(
        title="Prometheus: series",
        expr=watched.series("prometheus_tsdb_head_series", PROMETHEUS),
        label="job",
        unit="number",
    )
