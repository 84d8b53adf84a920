"""Object storage: run by the laboratory, or one that the site has already and that speaks S3."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from sslab.site.facts import Fact
from sslab.site.substrate import Nothing
from sslab.site.types import BUCKET_PREFIX, BucketName, Quantity, WebAddress, Word


class Buckets(Fact):
    """What every object storage has."""

    buckets: tuple[BucketName, ...] = Field(
        default=(),
        description="The buckets that exist. A pattern needs the bucket of its name.",
        examples=[["my-pattern"]],
    )


class SeaweedFS(Buckets):
    """Object storage run by the laboratory: SeaweedFS with its S3 gateway."""

    kind: Literal["seaweedfs"]
    capacity: Quantity = Field(
        description="The size of the volume that holds the objects, in bytes; a part of "
        "`storage.capacity`.",
        examples=["5Gi"],
    )


class RemoteObjects(Buckets):
    """What every object storage that the site has already shares: it speaks S3."""

    region: Word = Field(
        default="us-east-1", description="The region that requests are signed for."
    )
    prefix: str = Field(
        default="",
        pattern=BUCKET_PREFIX,
        description="Stands before the names of `buckets`, where those have to be unique in the "
        "world.",
        examples=["ssl-example-"],
    )


class S3Objects(RemoteObjects):
    """Any object storage that speaks S3: Rook, MinIO, a commercial one."""

    kind: Literal["s3"]
    endpoint: WebAddress = Field(
        description="Its address, without a bucket.", examples=["https://s3.example.edu"]
    )


class SwiftObjects(RemoteObjects):
    """OpenStack's object storage (Swift or RGW), by its S3 interface and EC2 credentials."""

    kind: Literal["swift"]
    endpoint: WebAddress = Field(
        description="The address of its S3 interface.", examples=["https://swift.example.edu"]
    )


class GcsObjects(RemoteObjects):
    """Google Cloud Storage, by its S3 interface and HMAC keys."""

    kind: Literal["gcs"]
    endpoint: WebAddress = Field(
        default="https://storage.googleapis.com",
        description="The address of its S3 interface: Google's own, a regional one or a private "
        "one.",
    )
    location: Word = Field(
        default="US", description="Where Google keeps the objects: a region or a continent."
    )


ObjectStorage = Annotated[
    SeaweedFS | S3Objects | SwiftObjects | GcsObjects | Nothing, Field(discriminator="kind")
]
