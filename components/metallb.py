"""MetalLB: addresses of the site's own network for Services, announced by the nodes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pulumi
from pulumi.runtime.proto.resource_pb2_grpc import ResourceMonitorStub
from pulumi.runtime.settings import get_monitor
from pulumi_kubernetes.apiextensions import CustomResource
from pulumi_kubernetes.helm.v4 import Chart, ChartArgs
from pulumi_kubernetes.meta.v1 import ObjectMetaArgs

from components.workloads import USER, HouseRules
from sslab.site import substrate
from sslab.toolchain.charts import ChartFolder

METALLB = "metallb"
API = "metallb.io/v1beta1"
POOL = "ssl"
ADDRESS_S = 60
"""How long a Service waits for its address: MetalLB gives it within a second, or not at all."""


@dataclass(frozen=True, kw_only=True)
class MetalLBArgs:
    """Where MetalLB runs, of what, and the addresses that it may give.

    `pool` holds networks, or ranges first-last, inside the network of the nodes.
    """

    namespace: pulumi.Input[str]
    image: str
    chart: ChartFolder
    pool: Sequence[str]
    house: HouseRules


class MetalLB(pulumi.ComponentResource):
    """MetalLB from its own chart, and the pool that its speakers announce by ARP."""

    pool: pulumi.Output[str]
    """The pool's name, known once it is announced."""

    def __init__(
        self, name: str, args: MetalLBArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("ssl:components:MetalLB", name, None, opts)
        chart = Chart(
            METALLB,
            ChartArgs(
                chart=str(args.chart.path),
                version=args.chart.version,
                namespace=args.namespace,
                values=_values(args),
            ),
            opts=pulumi.ResourceOptions(parent=self),
        )
        metadata = ObjectMetaArgs(name=POOL, namespace=args.namespace)
        # its kinds are the chart's, and so is the webhook that judges them
        after = pulumi.ResourceOptions(parent=self, depends_on=[chart])
        pool = CustomResource(
            f"{name}-pool",
            api_version=API,
            kind="IPAddressPool",
            metadata=metadata,
            spec={"addresses": list(args.pool)},
            opts=after,
        )
        announced = CustomResource(
            f"{name}-announced",
            api_version=API,
            kind="L2Advertisement",
            metadata=metadata,
            spec={"ipAddressPools": [POOL]},
            opts=after,
        )
        self.pool = pulumi.Output.all(pool.id, announced.id).apply(lambda _: POOL)
        self.register_outputs({"pool": self.pool})


def _values(args: MetalLBArgs) -> dict[str, Any]:
    """Return what the chart is to do otherwise: our images, no BGP, no more rights than needed."""
    repository, _, tag = args.image.rpartition(":")
    image = {"repository": repository, "tag": tag, "pullPolicy": "IfNotPresent"}
    resources = _resources(args.house)
    profile = {"seccompProfile": {"type": "RuntimeDefault"}}
    secret = args.house.pull_secret
    return {
        "imagePullSecrets": [{"name": secret}] if secret else [],
        "controller": {
            "image": image,
            "command": "/metallb-controller",
            "resources": resources,
            "securityContext": {
                **profile,
                "runAsNonRoot": True,
                "runAsUser": USER,
                "fsGroup": USER,
            },
        },
        "speaker": {
            "image": image,
            "command": "/metallb-speaker",
            "frr": {"enabled": False},
            "resources": resources,
            "securityContext": {**profile, "runAsUser": 0},
        },
    }


def _resources(house: HouseRules) -> Mapping[str, Mapping[str, str]]:
    """Return what the controller and each speaker may take."""
    requests = {"cpu": "25m", "memory": "96Mi"}
    wanted = {"cpu": "500m", "memory": "96Mi"}
    return {"requests": requests, "limits": house.limits(requests, wanted)}


def address_hooks(site: str, offered: substrate.MetalLB) -> pulumi.ResourceHookBinding | None:
    """Return what explains a Service that got no address; None where nothing is deployed."""
    if not isinstance(get_monitor(), ResourceMonitorStub):
        return None  # the program is recorded for a plan: there is no engine that could call back

    def explain(failure: pulumi.ErrorHookArgs) -> bool:
        if any("IP address" in error for error in failure.errors):
            pulumi.log.error(no_address(site, offered))
        return False  # another try would end the same

    return pulumi.ResourceHookBinding(on_error=[pulumi.ErrorHook("metallb-address", explain)])


def no_address(site: str, offered: substrate.MetalLB) -> str:
    """Return the message for a Service that got no address; `site` is the site's name."""
    field, wanted = "pool", ", ".join(offered.pool)
    if offered.address is not None:
        field, wanted = "address", offered.address
    return (
        f"sites/{site}.yaml: load_balancing.{field}: MetalLB gave the ingress no address of "
        f"{wanted} within {ADDRESS_S} s; `kubectl get services -A` shows which Services have "
        "them: free one, or add addresses to load_balancing.pool"
    )
