"""Squid: the cache between CVMFS' clients and its servers, where the site has none."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
from pulumi_kubernetes.core.v1 import ProbeArgs, TCPSocketActionArgs
from pulumi_kubernetes.meta.v1 import ObjectMetaArgs

from components import serving, workloads
from components.workloads import HouseRules

SQUID = "squid"
PORT = 3128


@dataclass(frozen=True, kw_only=True)
class SquidArgs:
    """Where squid runs and its image; `cluster_domain` is the DNS domain of Services."""

    namespace: pulumi.Input[str]
    image: str
    cluster_domain: str
    house: HouseRules


class Squid(pulumi.ComponentResource):
    """One squid that caches in memory; images/squid/squid.conf says what it forwards."""

    url: pulumi.Output[str]
    """Its address inside the cluster, known once it answers."""

    def __init__(
        self, name: str, args: SquidArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("ssl:components:Squid", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        metadata = ObjectMetaArgs(
            name=SQUID, namespace=args.namespace, labels=workloads.labels(SQUID)
        )
        container = workloads.container(
            SQUID,
            args.image,
            # its cache is 512 MiB, of the memory that it requests
            workloads.resources(args.house, "100m", "768Mi", cpu_limit="1"),
            ports={"proxy": PORT},
            readiness=_probe(period_s=2, failures=30),
            liveness=_probe(period_s=10, failures=3),
        )
        pod = workloads.pod(args.house, SQUID, [container])
        deployment = serving.deployment(SQUID, metadata, pod, child)
        service = serving.service(SQUID, metadata, "proxy", PORT, child)
        self.url = pulumi.Output.all(args.namespace, deployment.id, service.id).apply(
            lambda known: f"http://{SQUID}.{known[0]}.svc.{args.cluster_domain}:{PORT}"
        )
        self.register_outputs({"url": self.url})


def _probe(*, period_s: int, failures: int) -> ProbeArgs:
    """Return a probe that connects: squid has no page that tells its health."""
    return ProbeArgs(
        tcp_socket=TCPSocketActionArgs(port=PORT),
        period_seconds=period_s,
        failure_threshold=failures,
    )
