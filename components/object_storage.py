"""Object storage: SeaweedFS with its S3 gateway."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
from pulumi_kubernetes.apps.v1 import StatefulSet, StatefulSetInitArgs, StatefulSetSpecArgs
from pulumi_kubernetes.core.v1 import (
    EnvVarArgs,
    PersistentVolumeClaim,
    PersistentVolumeClaimInitArgs,
    PersistentVolumeClaimSpecArgs,
    PersistentVolumeClaimVolumeSourceArgs,
    Secret,
    SecretInitArgs,
    SecretVolumeSourceArgs,
    Service,
    ServiceInitArgs,
    ServicePortArgs,
    ServiceSpecArgs,
    VolumeArgs,
    VolumeResourceRequirementsArgs,
)
from pulumi_kubernetes.meta.v1 import LabelSelectorArgs, ObjectMetaArgs

from components import seaweedfs, workloads
from components.ingress import Ingress, route
from components.storage import Storage
from sslab.catalogue.secrets import ADMIN

NAME = "object-storage"
HOST = "s3"
REGION = "us-east-1"  # SeaweedFS has no regions; S3 clients want one


@dataclass(frozen=True)
class Credentials:
    """An S3 key pair."""

    access_key: pulumi.Output[str]
    secret_key: pulumi.Output[str]


@dataclass(frozen=True)
class Bucket:
    """A bucket as a pattern gets it: where it is, and the keys that open it and nothing else."""

    name: str
    endpoint: pulumi.Output[str]
    credentials: Credentials


@dataclass(frozen=True, kw_only=True)
class ObjectStorageArgs:
    """What the layer needs to know.

    `capacity` is a Kubernetes quantity. `credentials` has the administrator's under `admin`, and
    each bucket's under its name.
    """

    namespace: pulumi.Input[str]
    image: str
    capacity: str
    buckets: tuple[str, ...]
    admin: Credentials
    credentials: Mapping[str, Credentials]
    storage: Storage
    ingress: Ingress


class ObjectStorage(pulumi.ComponentResource):
    """S3-compatible object storage at one site, with a key pair for each bucket."""

    buckets: Mapping[str, Bucket]
    """The buckets, known once the gateway answers."""

    def __init__(
        self, name: str, args: ObjectStorageArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("ssl:components:ObjectStorage", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        metadata = ObjectMetaArgs(
            name=NAME, namespace=args.namespace, labels=workloads.labels(NAME)
        )
        configuration = _configuration(args)
        secret = Secret(
            NAME,
            SecretInitArgs(
                metadata=metadata,
                string_data={"s3.json": configuration, "security.toml": seaweedfs.SECURITY},
            ),
            opts=child,
        )
        claim = PersistentVolumeClaim(
            NAME,
            PersistentVolumeClaimInitArgs(
                metadata=metadata,
                spec=PersistentVolumeClaimSpecArgs(
                    access_modes=["ReadWriteOnce"],
                    storage_class_name=args.storage.rwo_class,
                    resources=VolumeResourceRequirementsArgs(requests={"storage": args.capacity}),
                ),
            ),
            opts=child,
        )
        service = Service(
            NAME,
            ServiceInitArgs(
                metadata=metadata,
                spec=ServiceSpecArgs(
                    selector=workloads.labels(NAME),
                    ports=[
                        ServicePortArgs(name=HOST, port=seaweedfs.PORT, target_port=seaweedfs.PORT)
                    ],
                ),
            ),
            opts=child,
        )
        gateway = StatefulSet(
            NAME,
            StatefulSetInitArgs(
                metadata=metadata,
                spec=StatefulSetSpecArgs(
                    service_name=NAME,
                    replicas=1,
                    selector=LabelSelectorArgs(match_labels=workloads.labels(NAME)),
                    template=workloads.pod(
                        NAME,
                        [
                            seaweedfs.store(args.image, args.capacity, args.buckets),
                            seaweedfs.gateway(args.image),
                        ],
                        volumes=[
                            VolumeArgs(
                                name="data",
                                persistent_volume_claim=PersistentVolumeClaimVolumeSourceArgs(
                                    claim_name=_name(claim)
                                ),
                            ),
                            VolumeArgs(
                                name="configuration",
                                secret=SecretVolumeSourceArgs(secret_name=_name(secret)),
                            ),
                        ],
                        secrets=[configuration, seaweedfs.SECURITY],
                    ),
                ),
            ),
            opts=child,
        )
        route(HOST, _name(service), seaweedfs.PORT, args.namespace, args.ingress, self)
        endpoint = pulumi.Output.all(args.namespace, gateway.id).apply(
            lambda known: f"http://{NAME}.{known[0]}.svc.cluster.local:{seaweedfs.PORT}"
        )
        self.buckets = {
            bucket: Bucket(bucket, endpoint, args.credentials[bucket]) for bucket in args.buckets
        }
        self.register_outputs({"endpoint": endpoint})


def bucket_environment(secret: pulumi.Input[str], bucket: Bucket) -> list[EnvVarArgs]:
    """Return what boto3 reads to find a bucket; `secret` holds its keys."""
    return [
        *workloads.literal(
            {
                "AWS_ENDPOINT_URL_S3": bucket.endpoint,
                "AWS_DEFAULT_REGION": REGION,
                "S3_BUCKET": bucket.name,
            }
        ),
        *workloads.from_secret(
            secret, {"AWS_ACCESS_KEY_ID": "access-key", "AWS_SECRET_ACCESS_KEY": "secret-key"}
        ),
    ]


def bucket_secret(
    name: str, namespace: pulumi.Input[str], bucket: Bucket, parent: pulumi.Resource
) -> Secret:
    """Make the Secret with a bucket's keys in the namespace of the pattern that uses it."""
    return Secret(
        f"{name}-s3",
        SecretInitArgs(
            metadata=ObjectMetaArgs(name=f"{name}-s3", namespace=namespace),
            string_data={
                "access-key": bucket.credentials.access_key,
                "secret-key": bucket.credentials.secret_key,
            },
        ),
        opts=pulumi.ResourceOptions(parent=parent),
    )


def _name(resource: PersistentVolumeClaim | Secret | Service) -> pulumi.Output[str]:
    return resource.metadata.apply(lambda metadata: str(metadata.name))


def _configuration(args: ObjectStorageArgs) -> pulumi.Output[str]:
    """Return SeaweedFS' s3.json: the administrator, and an identity for each bucket alone."""
    pairs = {ADMIN: args.admin, **{bucket: args.credentials[bucket] for bucket in args.buckets}}
    flat = [value for pair in pairs.values() for value in (pair.access_key, pair.secret_key)]

    def document(values: list[str]) -> str:
        keys = zip(pairs, zip(values[::2], values[1::2], strict=True), strict=True)
        return seaweedfs.identities(dict(keys))

    return pulumi.Output.secret(pulumi.Output.all(*flat).apply(document))
