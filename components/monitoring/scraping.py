"""How the metrics of the laboratory's pods are found: by a Service without an address for each job.

The DNS of such a Service has the address of each pod, so that Prometheus finds all of them and
needs no permission in the cluster.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pulumi
from pulumi_kubernetes.core.v1 import Service, ServiceInitArgs, ServicePortArgs, ServiceSpecArgs
from pulumi_kubernetes.meta.v1 import ObjectMetaArgs

from components import workloads

PORT_NAME = "metrics"
INTERVAL = "15s"


@dataclass(frozen=True, kw_only=True)
class Target:
    """A job: the pods that are called `pods` in a namespace answer at `/metrics` of a TCP port."""

    job: str
    namespace: pulumi.Input[str]
    pods: str
    port: int

    @property
    def service(self) -> str:
        """The name of the Service that finds the pods."""
        return f"{self.job}-metrics"


def service(target: Target, opts: pulumi.ResourceOptions) -> Service:
    """Make the Service of a target; pods that are not ready yet are in its DNS as well."""
    return Service(
        target.service,
        ServiceInitArgs(
            metadata=ObjectMetaArgs(
                name=target.service,
                namespace=target.namespace,
                labels=workloads.labels(target.service),
                # the target is made by another layer, and may have no pod at the moment
                annotations={"pulumi.com/skipAwait": "true"},
            ),
            spec=ServiceSpecArgs(
                cluster_ip="None",
                publish_not_ready_addresses=True,
                selector=workloads.labels(target.pods),
                ports=[ServicePortArgs(name=PORT_NAME, port=target.port, target_port=target.port)],
            ),
        ),
        opts=opts,
    )


def by_dns(
    laboratory: str, targets: Sequence[Target], namespaces: Sequence[str], cluster_domain: str
) -> list[Mapping[str, Any]]:
    """Return how Prometheus finds the targets, whose namespaces are known by now."""
    return [
        {
            "job_name": target.job,
            "dns_sd_configs": [
                {
                    # the dot at the end: no search through the domains of resolv.conf
                    "names": [f"{target.service}.{namespace}.svc.{cluster_domain}."],
                    "type": "A",
                    "port": target.port,
                    "refresh_interval": INTERVAL,
                }
            ],
            "relabel_configs": [
                {"target_label": "laboratory", "replacement": laboratory},
                {"target_label": "namespace", "replacement": namespace},
            ],
        }
        for target, namespace in zip(targets, namespaces, strict=True)
    ]
