"""The laboratory: the substrate's layers at one site, and the patterns on top."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import pulumi

from components.cluster import KubernetesCluster, KubernetesClusterArgs
from components.ingress import Ingress, TraefikArgs
from components.load_balancing import LoadBalancing, LoadBalancingArgs
from components.namespaces import Namespaces, NamespacesArgs
from components.object_storage import Bucket, Credentials, ObjectStorage, ObjectStorageArgs
from components.quotas import shares
from components.storage import Storage, StorageArgs
from sslab.catalogue.contract import Contract, Powers, StorageNeed
from sslab.catalogue.layers import LAYER_NEEDS
from sslab.catalogue.secrets import ADMIN
from sslab.cluster.access import ClusterAccess
from sslab.errors import SslabError
from sslab.site.model import Site

INGRESS, OBJECT_STORAGE = "ssl-ingress", "ssl-object-storage"


@dataclass(frozen=True, kw_only=True)
class Place:
    """What the laboratory hands to a pattern: the outputs of the layers that the site has."""

    namespace: pulumi.Output[str]
    image: str
    storage: Storage
    ingress: Ingress
    bucket: Bucket | None


PatternComponent = Callable[[str, Place, pulumi.ResourceOptions], pulumi.ComponentResource]


@dataclass(frozen=True, kw_only=True)
class LaboratoryArgs:
    """A site, and what the program has looked up for it.

    `images` maps a folder of images/ to a reference, `secrets` a configuration key to its value,
    `patterns` the name of each pattern to run to the function that makes it, `contracts` to its
    contract.
    """

    site: Site
    access: ClusterAccess
    images: Mapping[str, str]
    secrets: Mapping[str, pulumi.Output[str]]
    patterns: Mapping[str, PatternComponent]
    contracts: Mapping[str, Contract]


class Laboratory(pulumi.ComponentResource):
    """The SSL at one site.

    Raises SslabError where the site gives less than the laboratory needs.
    """

    def __init__(
        self, name: str, args: LaboratoryArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        site = args.site
        if site.privilege.scope == "namespace":
            raise SslabError(
                f"sites/{site.name}.yaml: privilege.scope: namespace: the laboratory's own layers "
                "make namespaces, an IngressClass and a ClusterRole",
                remedy="set it to cluster, if the cluster's administrators agree",
            )
        super().__init__("ssl:components:Laboratory", name, None, opts)
        cluster = KubernetesCluster(
            "cluster",
            KubernetesClusterArgs(kubeconfig=args.access.kubeconfig, context=args.access.context),
            opts=pulumi.ResourceOptions(parent=self),
        )
        layer = pulumi.ResourceOptions(parent=self, providers={"kubernetes": cluster.provider})
        namespaces = _namespaces(args, layer)
        storage = Storage(
            "storage",
            StorageArgs(rwo_class=site.storage.rwo_class, rwx_class=site.storage.rwx_class),
            opts=layer,
        )
        ingress = Ingress(
            "ingress",
            TraefikArgs(
                namespace=namespaces[INGRESS],
                image=args.images["traefik"],
                class_name=site.ingress.class_name,
                domain=site.ingress.domain,
                load_balancing=LoadBalancing(
                    "load-balancing", LoadBalancingArgs(http=site.load_balancing.http), opts=layer
                ),
                routed=_routed(args, namespaces),
            ),
            opts=layer,
        )
        buckets = self._buckets(args, namespaces, storage, ingress, layer)
        for pattern, component in sorted(args.patterns.items()):
            place = Place(
                namespace=namespaces[pattern],
                image=args.images[args.contracts[pattern].image],
                storage=storage,
                ingress=ingress,
                bucket=buckets.get(pattern),
            )
            component(pattern, place, layer)
        self.register_outputs({})

    def _buckets(
        self,
        args: LaboratoryArgs,
        namespaces: Mapping[str, pulumi.Output[str]],
        storage: Storage,
        ingress: Ingress,
        layer: pulumi.ResourceOptions,
    ) -> Mapping[str, Bucket]:
        """Make the object storage where the site has it, and return its buckets."""
        wanted = args.site.object_storage
        if wanted is None:
            return {}
        return ObjectStorage(
            "object-storage",
            ObjectStorageArgs(
                namespace=namespaces[OBJECT_STORAGE],
                image=args.images["seaweedfs"],
                capacity=wanted.capacity,
                buckets=wanted.buckets,
                admin=_credentials(args, ADMIN),
                credentials={bucket: _credentials(args, bucket) for bucket in wanted.buckets},
                storage=storage,
                ingress=ingress,
            ),
            opts=layer,
        ).buckets


def _namespaces(
    args: LaboratoryArgs, layer: pulumi.ResourceOptions
) -> Mapping[str, pulumi.Output[str]]:
    """Make the namespaces and divide the site's quota among them."""
    site = args.site
    layers = {INGRESS: LAYER_NEEDS["Ingress"]}
    if site.object_storage:
        claim = StorageNeed(access_mode="ReadWriteOnce", size=site.object_storage.capacity)
        needs = LAYER_NEEDS["ObjectStorage"]
        layers[OBJECT_STORAGE] = needs.model_copy(update={"storage": (claim,)})
    patterns = {name: args.contracts[name] for name in sorted(args.patterns)}
    return Namespaces(
        "namespaces",
        NamespacesArgs(
            powers={
                **dict.fromkeys(layers, Powers()),
                **{name: contract.powers for name, contract in patterns.items()},
            },
            shares=shares(
                site, layers, {name: contract.needs for name, contract in patterns.items()}
            ),
            pods=site.quota.pods,
        ),
        opts=layer,
    ).names


def _routed(
    args: LaboratoryArgs, namespaces: Mapping[str, pulumi.Output[str]]
) -> Mapping[str, pulumi.Output[str]]:
    """Return the namespaces with services that answer HTTP from outside."""
    patterns = [name for name in args.patterns if args.contracts[name].needs.ingress]
    layers = [OBJECT_STORAGE] if args.site.object_storage else []
    # Traefik takes an empty list for every namespace
    return {name: namespaces[name] for name in sorted([*layers, *patterns]) or [INGRESS]}


def _credentials(args: LaboratoryArgs, identity: str) -> Credentials:
    return Credentials(
        args.secrets[f"s3-{identity}-access-key"], args.secrets[f"s3-{identity}-secret-key"]
    )
