"""Load balancing: how traffic from outside the cluster reaches the laboratory's own ingress."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi

from components.metallb import ADDRESS_S, address_hooks
from sslab.site import substrate


@dataclass(frozen=True, kw_only=True)
class LoadBalancingArgs:
    """What the site has; None where that is not known, which is taken for nothing.

    `site` is the site's name; `pool` that of the MetalLB which the laboratory runs, if it does;
    `reserved` an address that it has made in the cloud.
    """

    site: str
    offered: substrate.LoadBalancing | None
    pool: pulumi.Input[str] | None = None
    reserved: pulumi.Input[str] | None = None


class LoadBalancing(pulumi.ComponentResource):
    """Makes nothing; says of what type the Service of the ingress is."""

    service_type: str
    address: pulumi.Input[str] | None
    """The address that the Service asks for by `loadBalancerIP`; None: any."""
    annotations: dict[str, pulumi.Input[str]]
    hooks: pulumi.ResourceHookBinding | None
    """What explains a Service that got no address."""
    http: int | None
    """The node port of plain HTTP; None where Kubernetes chooses, or has none."""
    https: int | None

    def __init__(
        self, name: str, args: LoadBalancingArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("ssl:components:LoadBalancing", name, None, opts)
        self.service_type, self.address, self.annotations = "LoadBalancer", None, {}
        self.http = self.https = self.hooks = None
        match args.offered:
            case substrate.NodePorts() as ports:
                self.service_type, self.http, self.https = "NodePort", ports.http, ports.https
            case substrate.CloudBalancer() as cloud:
                self.address = args.reserved or cloud.address
            case substrate.OctaviaBalancer(address=str() as address):
                self.address = address
                # it was reserved before the laboratory came, and stays when it goes
                self.annotations = {"loadbalancer.openstack.org/keep-floatingip": "true"}
            case substrate.MetalLB() as metallb:
                self.annotations = {"pulumi.com/timeoutSeconds": str(ADDRESS_S)}
                if metallb.address is not None:
                    self.annotations["metallb.io/loadBalancerIPs"] = metallb.address
                if args.pool is not None:
                    self.annotations["metallb.io/address-pool"] = args.pool
                self.hooks = address_hooks(args.site, metallb)
            case substrate.Nothing() | None:
                self.service_type = "ClusterIP"
        self.register_outputs({"service_type": self.service_type, "address": self.address})
