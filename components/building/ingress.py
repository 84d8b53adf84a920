"""The ingress of a site, and what leads to it."""

from __future__ import annotations

from collections.abc import Mapping

import pulumi

from components.building.site import Building
from components.ingress import Ingress, IngressArgs
from components.load_balancing import LoadBalancing, LoadBalancingArgs
from components.metallb import MetalLB, MetalLBArgs
from components.traefik import TraefikArgs
from sslab.catalogue.layers import LAYER_NAMESPACES, metrics_behind_login, own_metallb, runs_issuer
from sslab.site.substrate import TraefikIngress

INGRESS, OBJECT_STORAGE = LAYER_NAMESPACES["Ingress"], LAYER_NAMESPACES["ObjectStorage"]


def build(building: Building) -> Ingress | None:
    """Make the ingress, with Traefik where the site runs no controller of its own."""
    site, reached = building.site, building.site.reached
    if reached is None:
        return None
    traefik = None
    if isinstance(reached, TraefikIngress):
        traefik = TraefikArgs(
            namespace=building.names[INGRESS],
            image=building.args.images["traefik"],
            class_name=reached.class_name,
            https_port=site.port if reached.tls else None,
            load_balancing=_load_balancing(building),
            routed=_routed(building),
            house=building.house,
        )
    return Ingress("ingress", IngressArgs(reached=reached, traefik=traefik), opts=building.layer)


def _load_balancing(building: Building) -> LoadBalancing:
    """Make the load balancing of the site, or that which the made cluster leads to."""
    site, made = building.site, building.made
    offered = made.balancing if made and made.balancing else site.load_balancing
    reserved = made.address if made else None
    return LoadBalancing(
        "load-balancing",
        LoadBalancingArgs(
            site=site.name, offered=offered, pool=_metallb_pool(building), reserved=reserved
        ),
        opts=building.layer,
    )


def _metallb_pool(building: Building) -> pulumi.Output[str] | None:
    """Run MetalLB where the site asks for it, and return the pool that it announces."""
    offered = own_metallb(building.site)
    if offered is None:
        return None
    metallb = MetalLBArgs(
        namespace=building.names[LAYER_NAMESPACES["MetalLB"]],
        image=building.args.images["metallb"],
        chart=building.args.charts["metallb"],
        pool=offered.pool,
        house=building.house,
    )
    return MetalLB("metallb", metallb, opts=building.layer).pool


def _routed(building: Building) -> Mapping[str, pulumi.Output[str]]:
    """Return the namespaces with services that answer HTTP from outside."""
    names, contracts = building.names, building.args.contracts
    patterns = [name for name in building.args.patterns if contracts[name].needs.ingress]
    layers = [OBJECT_STORAGE] if OBJECT_STORAGE in names else []
    layers += [LAYER_NAMESPACES["Issuer"]] if runs_issuer(building.site) else []
    layers += [LAYER_NAMESPACES["Monitoring"]] if metrics_behind_login(building.site) else []
    # Traefik takes an empty list for every namespace
    return {name: names[name] for name in sorted([*layers, *patterns]) or [INGRESS]}
