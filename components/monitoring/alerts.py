"""When something is wrong: the alerts. docs/monitoring.md says of each what to do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from components.monitoring.watched import Watched
from sslab.catalogue.monitoring import INGRESS, OBJECT_STORE, PROMETHEUS

DAY_S = 86_400


@dataclass(frozen=True, kw_only=True)
class Alert:
    """One alert: it fires when its expression has had a result for so long."""

    name: str
    expr: str
    lasting: str
    severity: Literal["warning", "critical"]
    summary: str

    @property
    def runbook(self) -> str:
        """Where it says what to do."""
        return f"docs/monitoring.md#{self.name.lower()}"


def alerts(watched: Watched) -> tuple[Alert, ...]:
    """Return the alerts about the jobs of a laboratory; without jobs there are none."""
    about = {INGRESS: _ingress, OBJECT_STORE: _object_storage, PROMETHEUS: _prometheus}
    ours = (alert for job, make in about.items() if job in watched.jobs for alert in make(watched))
    return (*_every_job(watched), *ours) if watched.jobs else ()


def groups(watched: Watched) -> list[dict[str, Any]]:
    """Return the alerts as groups of rules, which Prometheus and its operator both read."""
    rules = [_rule(alert) for alert in alerts(watched)]
    return [{"name": f"ssl-{watched.laboratory}", "rules": rules}] if rules else []


def _rule(alert: Alert) -> Mapping[str, Any]:
    return {
        "alert": alert.name,
        "expr": alert.expr,
        "for": alert.lasting,
        "labels": {"severity": alert.severity},
        "annotations": {"summary": alert.summary, "runbook": alert.runbook},
    }


def _every_job(watched: Watched) -> Iterator[Alert]:
    # a job without a pod has no series that could be 0
    absent = (f"absent({watched.series('up', job)})" for job in watched.jobs)
    yield Alert(
        name="SslTargetDown",
        expr=" or ".join([f"{watched.series('up')} == 0", *absent]),
        lasting="5m",
        severity="critical",
        summary="{{ $labels.job }} of {{ $labels.laboratory }} does not answer",
    )
    yield Alert(
        name="SslProcessRestarts",
        expr=f"changes({watched.series('process_start_time_seconds')}[1h]) > 2",
        lasting="0s",
        severity="warning",
        summary="{{ $labels.job }} of {{ $labels.laboratory }} has started {{ $value }} times "
        "within an hour",
    )


def _ingress(watched: Watched) -> Iterator[Alert]:
    requests = "traefik_service_requests_total"
    failed = watched.series(requests, INGRESS, 'code=~"5.."')
    yield Alert(
        name="SslIngressErrors",
        expr=f"sum by (laboratory, service) (rate({failed}[5m])) / "
        f"sum by (laboratory, service) (rate({watched.series(requests, INGRESS)}[5m])) > 0.05",
        lasting="10m",
        severity="critical",
        summary="{{ $value | humanizePercentage }} of the requests for {{ $labels.service }} fail",
    )
    yield Alert(
        name="SslCertificateExpires",
        expr=f"{watched.series('traefik_tls_certs_not_after', INGRESS)} - time() < {14 * DAY_S}",
        lasting="1h",
        severity="warning",
        summary="the certificate of {{ $labels.sans }} ends in {{ $value | humanizeDuration }}",
    )


def _object_storage(watched: Watched) -> Iterator[Alert]:
    yield Alert(
        name="SslObjectStorageNearFull",
        expr=f"{object_storage_fullness(watched)} > 0.8",
        lasting="10m",
        severity="critical",
        summary="the object storage of {{ $labels.laboratory }} is "
        "{{ $value | humanizePercentage }} full",
    )
    left, all_of_it = (
        watched.series("SeaweedFS_volumeServer_resource", OBJECT_STORE, f'type="{kind}"')
        for kind in ("avail", "all")
    )
    yield Alert(
        name="SslObjectStorageDiskNearFull",
        expr=f"{left} / ignoring (type) {all_of_it} < 0.1",
        lasting="10m",
        severity="critical",
        summary="{{ $value | humanizePercentage }} of the disk below the object storage of "
        "{{ $labels.laboratory }} are left",
    )


def object_storage_fullness(watched: Watched) -> str:
    """Return which part of SeaweedFS' capacity is taken, with what is deleted and not yet freed."""
    used = watched.series("SeaweedFS_volumeServer_total_disk_size", OBJECT_STORE, 'type="normal"')
    return f"sum by (laboratory) ({used}) / {watched.object_storage_b}"


def _prometheus(watched: Watched) -> Iterator[Alert]:
    yield Alert(
        name="SslMonitoringStorageNearFull",
        expr=f"{watched.series('prometheus_tsdb_storage_blocks_bytes', PROMETHEUS)} / "
        f"{watched.series('prometheus_tsdb_retention_limit_bytes', PROMETHEUS)} > 0.9",
        lasting="1h",
        severity="warning",
        summary="Prometheus of {{ $labels.laboratory }} deletes measurements before their time",
    )
    wal = watched.series("prometheus_tsdb_wal_writes_failed_total", PROMETHEUS)
    compactions = watched.series("prometheus_tsdb_compactions_failed_total", PROMETHEUS)
    yield Alert(
        name="SslMonitoringWritesFail",
        expr=f"increase({wal}[15m]) > 0 or increase({compactions}[3h]) > 0",
        lasting="0s",
        severity="critical",
        summary="Prometheus of {{ $labels.laboratory }} cannot write to its volume",
    )
