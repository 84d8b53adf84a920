"""The laboratory: the substrate's layers at one site, and the patterns on top."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi

from components.buckets import Bucket, Credentials
from components.cluster import KubernetesCluster, KubernetesClusterArgs
from components.clusters import cloud_config
from components.clusters.making import MakingArgs, make_cluster
from components.clusters.outputs import ClusterOutputs
from components.ingress import Ingress, IngressArgs
from components.load_balancing import LoadBalancing, LoadBalancingArgs
from components.metallb import MetalLB, MetalLBArgs
from components.namespaces import Namespaces, NamespacesArgs
from components.object_storage import ObjectStorage, ObjectStorageArgs
from components.place import PatternComponent, Place
from components.quotas import shares
from components.seaweedfs import SeaweedFSArgs
from components.storage import Storage, StorageArgs
from components.traefik import TraefikArgs
from components.workloads import HouseRules
from sslab.catalogue.contract import Contract, Powers, StorageNeed
from sslab.catalogue.layers import (
    LAYER_NAMESPACES,
    LAYER_POWERS,
    layer_needs,
    namespace,
    own_metallb,
)
from sslab.catalogue.secrets import ADMIN, bucket_keys
from sslab.cluster.access import ClusterAccess
from sslab.errors import SslabError
from sslab.site.cluster import HpcSite
from sslab.site.model import Site
from sslab.site.object_storage import GcsObjects, S3Objects, SeaweedFS, SwiftObjects
from sslab.site.substrate import Nothing, TraefikIngress
from sslab.toolchain.charts import ChartFolder

INGRESS, OBJECT_STORAGE = LAYER_NAMESPACES["Ingress"], LAYER_NAMESPACES["ObjectStorage"]
METALLB = LAYER_NAMESPACES["MetalLB"]

Names = Mapping[str, pulumi.Output[str]]
"""The namespace of each layer and pattern, by the name that it has or would have of its own."""


@dataclass(frozen=True, kw_only=True)
class LaboratoryArgs:
    """A site, and what the program has looked up for it.

    `images` maps a folder of images/ to a reference, `secrets` a configuration key to its value,
    `patterns` the name of each pattern to run to the function that makes it, `contracts` to its
    contract. `kubeconfig`, content or path, takes the place of that of a cluster which is made.
    """

    site: Site
    access: ClusterAccess
    images: Mapping[str, str]
    charts: Mapping[str, ChartFolder]
    secrets: Mapping[str, pulumi.Output[str]]
    patterns: Mapping[str, PatternComponent]
    contracts: Mapping[str, Contract]
    kubeconfig: pulumi.Output[str] | None = None


class Laboratory(pulumi.ComponentResource):
    """The SSL at one site; an empty one where the site has no Kubernetes.

    Raises SslabError where the site gives less than the laboratory needs.
    """

    def __init__(
        self, name: str, args: LaboratoryArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        _require_possible(args.site)
        super().__init__("ssl:components:Laboratory", name, None, opts)
        self.outputs: Mapping[str, pulumi.Output[str]] = {}
        """What a cloud has made that the stack's user needs, by name."""
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
            if made is not None:
                self.outputs = made.by_name()
            if made is not None and made.cloud_config is not None:
                cloud_config.put(made.cloud_config, cluster)
            _build(
                args,
                made,
                pulumi.ResourceOptions(parent=self, providers={"kubernetes": cluster.provider}),
            )
        self.register_outputs({})


def _build(
    args: LaboratoryArgs, made: ClusterOutputs | None, layer: pulumi.ResourceOptions
) -> None:
    """Make the layers, and the patterns on top."""
    known = args.site.storage
    names = _names(args, layer)
    storage = Storage(
        "storage",
        StorageArgs(
            rwo_class=known.rwo_class if known else None,
            rwx_class=known.rwx_class if known else None,
        ),
        opts=layer,
    )
    ingress = _ingress(args, made, names, layer)
    buckets = _buckets(args, made, names, storage, ingress, layer)
    for pattern, component in sorted(args.patterns.items()):
        place = Place(
            namespace=names[pattern],
            image=args.images[args.contracts[pattern].image],
            storage=storage,
            ingress=ingress,
            bucket=buckets.get(pattern),
            house=_house(args.site),
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


def _house(site: Site) -> HouseRules:
    return HouseRules(
        limits_over_requests_percent=site.rules.limits_over_requests_percent,
        pull_secret=site.registry.pull_secret,
    )


def _names(args: LaboratoryArgs, layer: pulumi.ResourceOptions) -> Names:
    """Make the namespaces and divide the site's quota among them, or take the one it gives."""
    site = args.site
    layers = {LAYER_NAMESPACES[kind]: needs for kind, needs in layer_needs(site).items()}
    patterns = {name: args.contracts[name] for name in sorted(args.patterns)}
    if site.privilege.scope == "namespace":
        return {own: pulumi.Output.from_input(namespace(site, own)) for own in (*layers, *patterns)}
    if isinstance(site.object_storage, SeaweedFS):
        claim = StorageNeed(access_mode="ReadWriteOnce", size=site.object_storage.capacity)
        needs = layers[OBJECT_STORAGE]
        layers[OBJECT_STORAGE] = needs.model_copy(update={"storage": (claim,)})
    asked = {name: contract.needs for name, contract in patterns.items()}
    return Namespaces(
        "namespaces",
        NamespacesArgs(
            powers={
                **dict.fromkeys(layers, Powers()),
                # no share of the quota: a speaker runs on each node, however many there are
                **({METALLB: LAYER_POWERS["MetalLB"]} if own_metallb(site) else {}),
                **{name: contract.powers for name, contract in patterns.items()},
            },
            shares=shares(site.name, site.quota, layers, asked) if site.quota else {},
            house=_house(site),
        ),
        opts=layer,
    ).names


def _ingress(
    args: LaboratoryArgs,
    made: ClusterOutputs | None,
    names: Names,
    layer: pulumi.ResourceOptions,
) -> Ingress | None:
    """Make the ingress, with Traefik where the site runs no controller of its own."""
    site, reached = args.site, args.site.reached
    if reached is None:
        return None
    traefik = None
    if isinstance(reached, TraefikIngress):
        traefik = TraefikArgs(
            namespace=names[INGRESS],
            image=args.images["traefik"],
            class_name=reached.class_name,
            https_port=site.port if reached.tls else None,
            load_balancing=_load_balancing(args, names, made, layer),
            routed=_routed(args, names),
            house=_house(site),
        )
    return Ingress("ingress", IngressArgs(reached=reached, traefik=traefik), opts=layer)


def _load_balancing(
    args: LaboratoryArgs,
    names: Names,
    made: ClusterOutputs | None,
    layer: pulumi.ResourceOptions,
) -> LoadBalancing:
    """Make the load balancing of the site, or that which the made cluster leads to."""
    site = args.site
    offered = made.balancing if made and made.balancing else site.load_balancing
    pool = _metallb_pool(args, names, layer)
    reserved = made.address if made else None
    return LoadBalancing(
        "load-balancing",
        LoadBalancingArgs(site=site.name, offered=offered, pool=pool, reserved=reserved),
        opts=layer,
    )


def _metallb_pool(
    args: LaboratoryArgs, names: Names, layer: pulumi.ResourceOptions
) -> pulumi.Output[str] | None:
    """Run MetalLB where the site asks for it, and return the pool that it announces."""
    offered = own_metallb(args.site)
    if offered is None:
        return None
    metallb = MetalLBArgs(
        namespace=names[METALLB],
        image=args.images["metallb"],
        chart=args.charts["metallb"],
        pool=offered.pool,
        house=_house(args.site),
    )
    return MetalLB("metallb", metallb, opts=layer).pool


def _routed(args: LaboratoryArgs, names: Names) -> Names:
    """Return the namespaces with services that answer HTTP from outside."""
    patterns = [name for name in args.patterns if args.contracts[name].needs.ingress]
    layers = [OBJECT_STORAGE] if OBJECT_STORAGE in names else []
    # Traefik takes an empty list for every namespace
    return {name: names[name] for name in sorted([*layers, *patterns]) or [INGRESS]}


def _buckets(
    args: LaboratoryArgs,
    made: ClusterOutputs | None,
    names: Names,
    storage: Storage,
    ingress: Ingress | None,
    layer: pulumi.ResourceOptions,
) -> Mapping[str, Bucket]:
    """Return the buckets of the object storage, which is made where the site has none."""
    offered: SeaweedFSArgs | S3Objects | SwiftObjects | GcsObjects
    match args.site.object_storage:
        case None | Nothing():
            return {}
        case SeaweedFS(capacity=capacity):
            offered = SeaweedFSArgs(
                namespace=names[OBJECT_STORAGE],
                image=args.images["seaweedfs"],
                capacity=capacity,
                admin=_credentials(args, ADMIN),
                storage=storage,
                ingress=ingress,
                cluster_domain=args.site.cni.cluster_domain,
                house=_house(args.site),
            )
        case remote:
            offered = remote
    by_cloud = made.credentials if made else {}
    credentials = {
        bucket: by_cloud.get(bucket) or _credentials(args, bucket) for bucket in args.site.buckets
    }
    return ObjectStorage(
        "object-storage",
        ObjectStorageArgs(offered=offered, credentials=credentials),
        opts=layer,
    ).buckets


def _credentials(args: LaboratoryArgs, identity: str) -> Credentials:
    return Credentials(*(args.secrets[key] for key in bucket_keys(identity)))
