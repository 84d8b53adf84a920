"""What the site's own Prometheus is told: objects of the Prometheus Operator, and a dashboard."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
from pulumi_kubernetes.apiextensions import CustomResource
from pulumi_kubernetes.core.v1 import ConfigMap, ConfigMapInitArgs
from pulumi_kubernetes.meta.v1 import ObjectMetaArgs

from components import workloads
from components.monitoring import alerts, grafana, scraping
from components.monitoring.scraping import Target
from components.monitoring.watched import Watched

API = "monitoring.coreos.com/v1"
NAME = "ssl"
DASHBOARD = "ssl-dashboard"


@dataclass(frozen=True, kw_only=True)
class OperatorArgs:
    """The labels by which the site's Prometheus selects what it is told."""

    labels: Mapping[str, str]


def tell(
    args: OperatorArgs,
    watched: Watched,
    namespace: pulumi.Input[str],
    targets: Sequence[Target],
    parent: pulumi.Resource,
) -> None:
    """Make a ServiceMonitor for each target, the alerts, and a dashboard for Grafana."""
    child = pulumi.ResourceOptions(parent=parent)
    for target in targets:
        _service_monitor(args, watched.laboratory, target, child)
    groups = alerts.groups(watched)
    if groups:
        CustomResource(
            NAME,
            api_version=API,
            kind="PrometheusRule",
            metadata=ObjectMetaArgs(name=NAME, namespace=namespace, labels=args.labels),
            spec={"groups": groups},
            opts=child,
        )
    ConfigMap(
        DASHBOARD,
        ConfigMapInitArgs(
            metadata=ObjectMetaArgs(
                name=DASHBOARD,
                namespace=namespace,
                # by this one Grafana's sidecar finds dashboards, unless it is told otherwise
                labels={**args.labels, "grafana_dashboard": "1"},
            ),
            data={f"ssl-{watched.laboratory}.json": grafana.dashboard(watched)},
        ),
        opts=child,
    )


def _service_monitor(
    args: OperatorArgs, laboratory: str, target: Target, opts: pulumi.ResourceOptions
) -> None:
    relabelings = [
        {"action": "replace", "targetLabel": "job", "replacement": target.job},
        {"action": "replace", "targetLabel": "laboratory", "replacement": laboratory},
        # Traefik's metrics have a label of this name, which the operator's would replace
        {"action": "labeldrop", "regex": "service"},
    ]
    endpoint = {
        "port": scraping.PORT_NAME,
        "path": "/metrics",
        "interval": scraping.INTERVAL,
        "relabelings": relabelings,
    }
    CustomResource(
        target.job,
        api_version=API,
        kind="ServiceMonitor",
        metadata=ObjectMetaArgs(name=target.job, namespace=target.namespace, labels=args.labels),
        spec={
            "selector": {"matchLabels": workloads.labels(target.service)},
            "endpoints": [endpoint],
        },
        opts=opts,
    )
