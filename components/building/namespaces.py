"""The namespaces of a site: made, with a share of its quota each, or the one that it gives."""

from __future__ import annotations

from collections.abc import Mapping

import pulumi

from components.building.site import LaboratoryArgs, house_rules
from components.namespaces import Namespaces, NamespacesArgs
from sslab.catalogue.contract import Powers
from sslab.catalogue.layers import (
    LAYER_NAMESPACES,
    LAYER_POWERS,
    layer_needs,
    namespace,
    own_metallb,
)
from sslab.catalogue.shares import site_shares
from sslab.site.substrate import CsiCvmfs


def build(args: LaboratoryArgs, layer: pulumi.ResourceOptions) -> Mapping[str, pulumi.Output[str]]:
    """Return the namespace of each layer and pattern.

    Raises SslabError where the quota is less than the laboratory needs.
    """
    site = args.site
    layers = [LAYER_NAMESPACES[kind] for kind in layer_needs(site)]
    patterns = {name: args.contracts[name] for name in sorted(args.patterns)}
    # pods on each node, however many there are, or none at all
    kinds = ["MetalLB"] if own_metallb(site) else []
    kinds += ["Cvmfs"] if isinstance(site.cvmfs, CsiCvmfs) else []
    kinds += ["Monitoring"] if site.monitoring.mode == "reuse" else []
    unshared = {LAYER_NAMESPACES[kind]: LAYER_POWERS[kind] for kind in kinds}
    if site.privilege.scope == "namespace":
        every = (*layers, *unshared, *patterns)
        return {own: pulumi.Output.from_input(namespace(site, own)) for own in every}
    return Namespaces(
        "namespaces",
        NamespacesArgs(
            powers={
                **dict.fromkeys(layers, Powers()),
                **unshared,
                **{name: contract.powers for name, contract in patterns.items()},
            },
            shares=site_shares(site, args.contracts),
            house=house_rules(site),
        ),
        opts=layer,
    ).names
