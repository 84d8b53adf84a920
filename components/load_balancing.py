"""Load balancing: how traffic from outside the cluster reaches the ingress."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi


@dataclass(frozen=True, kw_only=True)
class LoadBalancingArgs:
    """The node port (30000 to 32767) at which plain HTTP arrives."""

    http: int


class LoadBalancing(pulumi.ComponentResource):
    """Node ports: the ingress answers at a port of every node."""

    service_type: str
    http: int

    def __init__(
        self, name: str, args: LoadBalancingArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("ssl:components:LoadBalancing", name, None, opts)
        self.service_type = "NodePort"
        self.http = args.http
        self.register_outputs({"service_type": self.service_type, "http": self.http})
