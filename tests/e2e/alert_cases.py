"""What lets each alert fire, and what does not, as promtool takes it: a file for `test rules`.

The rules are those of a laboratory called `local` with all jobs and 5 GiB of object storage.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

JOBS = ("prometheus", "traefik", "object-storage", "object-storage-gateway", "fitting-service")
CAPACITY_B = 100 * 51 * 1024**2
"""What 5 GiB are in SeaweedFS' volumes."""


@dataclass(frozen=True)
class Case:
    """Series by their selectors, in promtool's notation, a value a minute.

    At `minute` the alert fires with the labels and the summary; where there are none it does not.
    """

    alert: str
    minute: int
    series: Mapping[str, str]
    labels: Mapping[str, str] | None = None
    summary: str = ""


def _up(**other: str) -> dict[str, str]:
    """Return that all jobs are up, but for others; an empty text is for a job without a pod."""
    values = {job: other.get(job.replace("-", "_"), "1x60") for job in JOBS}
    return {f'up{{laboratory="local",job="{job}"}}': text for job, text in values.items() if text}


def _of(metric: str, job: str, more: str = "") -> str:
    return f'{metric}{{laboratory="local",job="{job}"{more}}}'


def _requests(failed: str, fine: str) -> dict[str, str]:
    total = "traefik_service_requests_total"
    return {
        _of(total, "traefik", ',service="fits",code="502"'): failed,
        _of(total, "traefik", ',service="fits",code="200"'): fine,
    }


def _stored(part: float) -> dict[str, str]:
    size = "SeaweedFS_volumeServer_total_disk_size"
    half = int(part * CAPACITY_B / 2)
    return {
        _of(size, "object-storage", f',collection="{bucket}",type="normal"'): f"{half}x30"
        for bucket in ("a", "b")
    } | {_of(size, "object-storage", ',collection="a",type="deleted_bytes"'): f"{CAPACITY_B}x30"}


def _disk(left: int) -> dict[str, str]:
    metric = "SeaweedFS_volumeServer_resource"
    return {
        _of(metric, "object-storage", ',name="/data",type="avail"'): f"{left}x30",
        _of(metric, "object-storage", ',name="/data",type="all"'): "100x30",
    }


def _blocks(part: float) -> dict[str, str]:
    return {
        _of("prometheus_tsdb_storage_blocks_bytes", "prometheus"): f"{part}x90",
        _of("prometheus_tsdb_retention_limit_bytes", "prometheus"): "1x90",
    }


_DAY_S = 86_400
_ENDS = _of("traefik_tls_certs_not_after", "traefik", ',sans="a.example.edu"')
_STARTS = _of("process_start_time_seconds", "traefik", ',instance="10.0.0.1:8080"')
_WAL = _of("prometheus_tsdb_wal_writes_failed_total", "prometheus")

CASES = (
    Case(
        "SslTargetDown",
        7,
        _up(traefik="1 0x60"),
        {"severity": "critical", "job": "traefik"},
        "traefik of local does not answer",
    ),
    Case("SslTargetDown", 5, _up(traefik="1 0x60")),
    Case(
        "SslTargetDown",
        6,
        _up(fitting_service=""),
        {"severity": "critical", "job": "fitting-service"},
        "fitting-service of local does not answer",
    ),
    Case("SslTargetDown", 50, _up()),
    # a laboratory that is not ours is not our business
    Case("SslTargetDown", 50, {**_up(), 'up{laboratory="other",job="traefik"}': "0x60"}),
    Case(
        "SslProcessRestarts",
        40,
        {_STARTS: "1x5 2x5 3x5 4x40"},
        {"severity": "warning", "job": "traefik", "instance": "10.0.0.1:8080"},
        "traefik of local has started 3 times within an hour",
    ),
    Case("SslProcessRestarts", 40, {_STARTS: "1x5 2x5 3x40"}),
    Case(
        "SslIngressErrors",
        20,
        _requests("0+10x30", "0+90x30"),
        {"severity": "critical", "service": "fits"},
        "10% of the requests for fits fail",
    ),
    Case("SslIngressErrors", 8, _requests("0+10x30", "0+90x30")),
    Case("SslIngressErrors", 20, _requests("0+4x30", "0+96x30")),
    Case("SslIngressErrors", 20, _requests("0x30", "0x30")),
    Case(
        "SslCertificateExpires",
        61,
        {_ENDS: f"{2 * _DAY_S + 3660}x90"},
        {"severity": "warning", "job": "traefik", "sans": "a.example.edu"},
        "the certificate of a.example.edu ends in 2d 0h 0m 0s",
    ),
    Case("SslCertificateExpires", 61, {_ENDS: f"{20 * _DAY_S}x90"}),
    Case(
        "SslObjectStorageNearFull",
        11,
        _stored(0.9),
        {"severity": "critical"},
        "the object storage of local is 90% full",
    ),
    Case("SslObjectStorageNearFull", 11, _stored(0.7)),
    Case(
        "SslObjectStorageDiskNearFull",
        11,
        _disk(5),
        {"severity": "critical", "job": "object-storage", "name": "/data"},
        "5% of the disk below the object storage of local are left",
    ),
    Case("SslObjectStorageDiskNearFull", 11, _disk(20)),
    Case(
        "SslMonitoringStorageNearFull",
        61,
        _blocks(0.95),
        {"severity": "warning", "job": "prometheus"},
        "Prometheus of local deletes measurements before their time",
    ),
    Case("SslMonitoringStorageNearFull", 61, _blocks(0.5)),
    Case(
        "SslMonitoringWritesFail",
        10,
        {_WAL: "0x5 1x10"},
        {"severity": "critical", "job": "prometheus"},
        "Prometheus of local cannot write to its volume",
    ),
    Case("SslMonitoringWritesFail", 10, {_WAL: "3x15"}),
)


def document(rules: str) -> str:
    """Return the file for promtool about the rules in a file."""
    tests = [_test(case) for case in CASES]
    return json.dumps({"rule_files": [rules], "evaluation_interval": "1m", "tests": tests})


def _test(case: Case) -> dict[str, Any]:
    expected = [] if case.labels is None else [_alert(case, case.labels)]
    asked = {"alertname": case.alert, "eval_time": f"{case.minute}m", "exp_alerts": expected}
    return {
        "interval": "1m",
        "input_series": [
            {"series": series, "values": values} for series, values in case.series.items()
        ],
        "alert_rule_test": [asked],
    }


def _alert(case: Case, labels: Mapping[str, str]) -> dict[str, Any]:
    return {
        "exp_labels": {"laboratory": "local", **labels},
        "exp_annotations": {
            "summary": case.summary,
            "runbook": f"docs/monitoring.md#{case.alert.lower()}",
        },
    }
