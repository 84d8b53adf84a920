"""SeaweedFS: the object storage that the laboratory runs where the site has none.

One pod with two processes: the store keeps the objects, the gateway speaks S3.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
from pulumi_kubernetes.apps.v1 import StatefulSet, StatefulSetInitArgs, StatefulSetSpecArgs
from pulumi_kubernetes.core.v1 import (
    PersistentVolumeClaim,
    PersistentVolumeClaimInitArgs,
    PersistentVolumeClaimSpecArgs,
    PersistentVolumeClaimVolumeSourceArgs,
    PodTemplateSpecArgs,
    Secret,
    SecretInitArgs,
    SecretVolumeSourceArgs,
    Service,
    VolumeArgs,
    VolumeResourceRequirementsArgs,
)
from pulumi_kubernetes.meta.v1 import LabelSelectorArgs, ObjectMetaArgs

from components import seaweedfs_processes as processes
from components import serving, workloads
from components.buckets import Credentials
from components.ingress import Backend, Ingress
from components.storage import Storage
from components.workloads import HouseRules
from sslab.catalogue.secrets import ADMIN

NAME = "object-storage"
HOST = "s3"


@dataclass(frozen=True, kw_only=True)
class SeaweedFSArgs:
    """What SeaweedFS needs to know.

    `capacity` is a Kubernetes quantity, `cluster_domain` the DNS domain of Services. `ingress` is
    None where nothing leads into the cluster.
    """

    namespace: pulumi.Input[str]
    image: str
    capacity: str
    admin: Credentials
    storage: Storage
    ingress: Ingress | None
    cluster_domain: str
    house: HouseRules


def run(
    args: SeaweedFSArgs, credentials: Mapping[str, Credentials], parent: pulumi.Resource
) -> pulumi.Output[str]:
    """Run SeaweedFS with a bucket for each of the credentials.

    Returns the gateway's address inside the cluster, known once it answers.
    """
    child = pulumi.ResourceOptions(parent=parent)
    metadata = ObjectMetaArgs(name=NAME, namespace=args.namespace, labels=workloads.labels(NAME))
    configuration = _configuration(args.admin, credentials)
    secret = Secret(
        NAME,
        SecretInitArgs(
            metadata=metadata,
            string_data={"s3.json": configuration, "security.toml": processes.SECURITY},
        ),
        opts=child,
    )
    claim = _claim(args, metadata, child)
    service = serving.service(NAME, metadata, HOST, processes.PORT, child)
    pod = _pod(args, tuple(credentials), _name(claim), _name(secret), configuration)
    replica = StatefulSet(
        NAME,
        StatefulSetInitArgs(
            metadata=metadata,
            spec=StatefulSetSpecArgs(
                service_name=NAME,
                replicas=1,
                selector=LabelSelectorArgs(match_labels=workloads.labels(NAME)),
                template=pod,
            ),
        ),
        opts=child,
    )
    if args.ingress is not None:
        backend = Backend(namespace=args.namespace, service=_name(service), port=processes.PORT)
        args.ingress.route(HOST, backend, parent)
    return pulumi.Output.all(args.namespace, replica.id).apply(
        lambda known: f"http://{NAME}.{known[0]}.svc.{args.cluster_domain}:{processes.PORT}"
    )


def _claim(
    args: SeaweedFSArgs, metadata: ObjectMetaArgs, opts: pulumi.ResourceOptions
) -> PersistentVolumeClaim:
    return PersistentVolumeClaim(
        NAME,
        PersistentVolumeClaimInitArgs(
            metadata=metadata,
            spec=PersistentVolumeClaimSpecArgs(
                access_modes=["ReadWriteOnce"],
                storage_class_name=args.storage.rwo_class,
                resources=VolumeResourceRequirementsArgs(requests={"storage": args.capacity}),
            ),
        ),
        opts=opts,
    )


def _pod(
    args: SeaweedFSArgs,
    buckets: tuple[str, ...],
    claim: pulumi.Output[str],
    secret: pulumi.Output[str],
    configuration: pulumi.Output[str],
) -> PodTemplateSpecArgs:
    data = PersistentVolumeClaimVolumeSourceArgs(claim_name=claim)
    return workloads.pod(
        args.house,
        NAME,
        [
            processes.store(args.house, args.image, args.capacity, buckets),
            processes.gateway(args.house, args.image),
        ],
        volumes=[
            VolumeArgs(name="data", persistent_volume_claim=data),
            VolumeArgs(name="configuration", secret=SecretVolumeSourceArgs(secret_name=secret)),
        ],
        secrets=[configuration, processes.SECURITY],
    )


def _name(resource: PersistentVolumeClaim | Secret | Service) -> pulumi.Output[str]:
    return resource.metadata.apply(lambda metadata: str(metadata.name))


def _configuration(
    admin: Credentials, credentials: Mapping[str, Credentials]
) -> pulumi.Output[str]:
    """Return s3.json: the administrator, and an identity for each bucket alone."""
    pairs = {ADMIN: admin, **credentials}
    flat = [value for pair in pairs.values() for value in (pair.access_key, pair.secret_key)]

    def document(values: list[str]) -> str:
        keys = zip(pairs, zip(values[::2], values[1::2], strict=True), strict=True)
        return processes.identities(dict(keys))

    return pulumi.Output.secret(pulumi.Output.all(*flat).apply(document))
