"""The laboratory: the substrate's layers at one site, and the patterns on top."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace

import pulumi

from components.building import (
    batch,
    cvmfs,
    identity,
    ingress,
    monitoring,
    namespaces,
    objects,
    scheduling,
    storage,
)
from components.building.site import Building, LaboratoryArgs
from components.cluster import KubernetesCluster, KubernetesClusterArgs
from components.clusters import cloud_config
from components.clusters.making import MakingArgs, make_cluster
from components.clusters.outputs import ClusterOutputs
from components.place import Place
from components.protection import Protection
from sslab.catalogue.jobs import as_asked
from sslab.catalogue.layers import behind_login
from sslab.catalogue.secrets import given_credential, pattern_password
from sslab.errors import SslabError
from sslab.safety.fixed_fields import OUTPUT, data_namespaces, deployed_fields
from sslab.site.cluster import HpcSite
from sslab.site.model import Site
from sslab.site.substrate import TraefikIngress


class Laboratory(pulumi.ComponentResource):
    """The SSL at one site; an empty one where the site has no Kubernetes.

    Raises SslabError where the site gives less than the laboratory needs.
    """

    def __init__(
        self, name: str, args: LaboratoryArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        _require_possible(args.site)
        asked = {
            name: as_asked(contract, args.site.patterns.get(name, {}))
            for name, contract in args.contracts.items()
        }
        args = replace(args, contracts=asked)
        protection = Protection(data_namespaces(args.site, args.contracts))
        super().__init__(
            "ssl:components:Laboratory",
            name,
            None,
            pulumi.ResourceOptions.merge(
                opts, pulumi.ResourceOptions(transformations=[protection.transformation])
            ),
        )
        self.outputs: Mapping[str, pulumi.Output[str]] = {}
        """What a cloud has made that the stack's user needs, and what may not change, by name."""
        if not isinstance(args.site.cluster, HpcSite):
            own = pulumi.ResourceOptions(parent=self)
            making = MakingArgs(site=args.site, secrets=args.secrets, kubeconfig=args.kubeconfig)
            made = make_cluster(making, own)
            cluster = KubernetesCluster(
                "cluster",
                KubernetesClusterArgs(
                    kubeconfig=made.kubeconfig if made else str(args.access.kubeconfig),
                    context=None if made else args.access.context,
                ),
                opts=own,
            )
            if made is not None and made.cloud_config is not None:
                cloud_config.put(made.cloud_config, cluster)
            _build(
                args,
                made,
                pulumi.ResourceOptions(parent=self, providers={"kubernetes": cluster.provider}),
            )
            fixed = json.dumps(deployed_fields(args.site, args.contracts), sort_keys=True)
            self.outputs = {
                OUTPUT: protection.once_deployed(fixed),
                **(made.by_name() if made else {}),
            }
        self.register_outputs({})


def _build(
    args: LaboratoryArgs, made: ClusterOutputs | None, layer: pulumi.ResourceOptions
) -> None:
    """Make the layers, and the patterns on top."""
    names = namespaces.build(args, layer)
    building = Building(args=args, made=made, names=names, layer=layer)
    volumes = storage.build(building)
    doors = ingress.build(building)
    buckets = objects.build(building, volumes, doors)
    mounts = cvmfs.build(building)
    systems = batch.build(building)
    login = identity.build(building, doors)
    monitoring.build(building, volumes, doors, login)
    homes = scheduling.build(building)
    for pattern, component in sorted(args.patterns.items()):
        contract = args.contracts[pattern]
        needs = contract.needs
        place = Place(
            namespace=homes[pattern],
            image=args.images[contract.image] if contract.image else "",
            identity=login if needs.login else None,
            login_in_front=behind_login(contract),
            storage=volumes,
            ingress=doors,
            bucket=buckets.get(pattern),
            batch=systems if needs.batch or needs.batch_if_there else (),
            house=building.house,
            cvmfs=mounts.get(pattern),
            other_images={each: args.images[each] for each in contract.other_images},
            passwords={
                each: args.secrets[pattern_password(pattern, each)] for each in contract.passwords
            },
            credentials={
                each.name: _as_file(args.secrets[given_credential(pattern, each.name)])
                for each in contract.credentials
            },
            cluster_domain=building.site.cni.cluster_domain,
            address=building.site.url,
            registry=building.site.registry.images if needs.registry else None,
            charts={chart.name: building.chart(chart) for chart in contract.charts},
            chart_rules=building.chart_rules,
        )
        component(pattern, place, layer)


def _require_possible(site: Site) -> None:
    """Refuse what the layers cannot do."""
    if site.privilege.scope == "namespace" and isinstance(site.ingress, TraefikIngress):
        raise SslabError(
            f"sites/{site.name}.yaml: ingress.kind: traefik makes an IngressClass and a "
            "ClusterRole, which privilege.scope: namespace forbids",
            remedy="choose the kind class or gateway, with what the site runs already",
        )


def _as_file(text: pulumi.Output[str]) -> pulumi.Output[str]:
    """End a credential's last line: OpenSSH refuses a key whose last line has no end."""
    return text.apply(lambda known: known.strip() + "\n")
