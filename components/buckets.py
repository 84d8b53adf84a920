"""Buckets: how a pattern gets one, with the keys that open it."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
from pulumi_kubernetes.core.v1 import EnvVarArgs, Secret, SecretInitArgs
from pulumi_kubernetes.meta.v1 import ObjectMetaArgs

from components import workloads


@dataclass(frozen=True)
class Credentials:
    """An S3 key pair."""

    access_key: pulumi.Output[str]
    secret_key: pulumi.Output[str]


@dataclass(frozen=True)
class Bucket:
    """A bucket as a pattern gets it: where it is, and the keys that open it and nothing else.

    Requests address it by path (`endpoint/name/key`) and are signed for the region.
    """

    name: str
    endpoint: pulumi.Output[str]
    region: str
    credentials: Credentials


def bucket_environment(secret: pulumi.Input[str], bucket: Bucket) -> list[EnvVarArgs]:
    """Return what boto3 reads to find a bucket; `secret` holds its keys."""
    return [
        *workloads.literal(
            {
                "AWS_ENDPOINT_URL_S3": bucket.endpoint,
                "AWS_DEFAULT_REGION": bucket.region,
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
