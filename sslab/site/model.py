"""The schema of a site file.

Every model is frozen and refuses unknown fields. Quantities (CPU, memory, storage) are Kubernetes
quantities, written as Kubernetes writes them: `500m`, `2Gi`.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

_LABEL = "[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?"
DNS_LABEL = f"^{_LABEL}$"
DNS_NAME = rf"^({_LABEL}\.)*{_LABEL}$"
BUCKET_NAME = "^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$"
QUANTITY = r"^[0-9]{1,18}(\.[0-9]{1,9})?(m|k|M|G|T|P|E|Ki|Mi|Gi|Ti|Pi|Ei)?$"
ADDRESS = r"^[^@\s]+@[^@\s]+$"
ONE_LINE = r"^[^\s]([^\n]*[^\s])?$"

DnsLabel = Annotated[str, StringConstraints(pattern=DNS_LABEL)]
"""A DNS label as RFC 1123 defines it, up to 63 characters: the form of Kubernetes names."""

DnsName = Annotated[str, StringConstraints(pattern=DNS_NAME, max_length=253)]
"""A DNS name as RFC 1123 defines it."""

BucketName = Annotated[str, StringConstraints(pattern=BUCKET_NAME)]
"""An S3 bucket name: 3 to 63 lower-case letters, digits and hyphens."""


def _as_quantity(value: object) -> object:
    """Write a bare number as text, as Kubernetes accepts `cpu: 4` for `cpu: "4"`."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return format(Decimal(repr(value)), "f")
    return value


_QuantityText = Annotated[str, StringConstraints(pattern=QUANTITY)]

Quantity = Annotated[
    _QuantityText,
    BeforeValidator(_as_quantity, json_schema_input_type=_QuantityText | int | float),
]
"""A Kubernetes quantity; a bare number is taken as its text."""

HostPort = Annotated[int, Field(ge=1, le=65535)]
NodePort = Annotated[int, Field(ge=30000, le=32767)]


class Model(BaseModel):
    """What every part of a site file shares: frozen, no unknown fields.

    Errors do not repeat the input, so that a secret in a wrong place is not printed.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class LocalCluster(Model):
    """The embedded single-node Kubernetes, or a kubeconfig context that takes its place."""

    kind: Literal["local"]
    context: str | None = Field(
        default=None,
        min_length=1,
        description="A kubeconfig context (kind, k3d, Docker Desktop, ...) to use in place of the "
        "embedded cluster. Default: none, the embedded cluster.",
    )


class ExistingCluster(Model):
    """A Kubernetes cluster that somebody already runs."""

    kind: Literal["existing"]
    context: str = Field(
        min_length=1,
        description="The kubeconfig context that reaches it.",
        examples=["my-cluster"],
    )


Cluster = Annotated[LocalCluster | ExistingCluster, Field(discriminator="kind")]


class Storage(Model):
    """Persistent volumes: which StorageClass gives which access mode."""

    rwo_class: DnsName | None = Field(
        default=None,
        description="The StorageClass for ReadWriteOnce claims. Default: the cluster's default.",
    )
    rwx_class: DnsName | None = Field(
        default=None,
        description="The StorageClass for ReadWriteMany claims. Null: the site has none.",
    )
    capacity: Quantity = Field(
        description="Storage that all claims of the laboratory may request together, in bytes.",
        examples=["20Gi"],
    )


class Ingress(Model):
    """How HTTP from outside reaches the services."""

    kind: Literal["traefik"] = Field(
        default="traefik", description="Traefik run by the laboratory, with an IngressClass."
    )
    class_name: DnsName = Field(
        default="traefik", description="The IngressClass that the laboratory makes and uses."
    )
    domain: DnsName = Field(
        description="Every service answers at <service>.<domain>. Names under .localhost reach "
        "the machine itself without any DNS entry.",
        examples=["ssl.example.edu"],
    )
    port: HostPort = Field(
        default=80,
        description="The TCP port in the services' URLs; on the embedded cluster the port on "
        "loopback where the ingress is published.",
    )


class NodePorts(Model):
    """No load balancer: the ingress is reached at a port of the nodes."""

    kind: Literal["node-ports"]
    http: NodePort = Field(default=30080, description="The node port of plain HTTP.")


LoadBalancing = NodePorts


class SeaweedFS(Model):
    """Object storage run by the laboratory: SeaweedFS with its S3 gateway."""

    kind: Literal["seaweedfs"]
    capacity: Quantity = Field(
        description="The size of the volume that holds the objects, in bytes; a part of "
        "`storage.capacity`.",
        examples=["5Gi"],
    )
    buckets: tuple[BucketName, ...] = Field(
        default=(), description="The buckets that exist. A pattern needs the bucket of its name."
    )


ObjectStorage = SeaweedFS


class Quota(Model):
    """What the laboratory may take of the cluster, all namespaces together."""

    cpu: Quantity = Field(description="CPU cores that pods may request together.", examples=["4"])
    memory: Quantity = Field(
        description="Memory that pods may request together, in bytes.", examples=["6Gi"]
    )
    pods: int = Field(
        ge=1, description="How many pods may exist at once in a namespace.", examples=[50]
    )


class Privilege(Model):
    """The powers that the site gives to the laboratory."""

    scope: Literal["cluster", "namespace"] = Field(
        default="cluster",
        description="`cluster`: may create cluster-scoped objects (namespaces, IngressClass, "
        "ClusterRole). `namespace`: only objects in namespaces that exist already.",
    )


class Contact(Model):
    """A team to write to; no personal data."""

    role: DnsLabel = Field(
        description="What the team is asked for: operations, security, ...",
        examples=["operations"],
    )
    address: str = Field(
        pattern=ADDRESS,
        description="The team's e-mail address, never a person's.",
        examples=["operations@example.edu"],
    )


class Site(Model):
    """One site: everything that the laboratory needs to know about a location."""

    name: DnsLabel = Field(
        description="The site's name: that of its file and of its stack.", examples=["example"]
    )
    title: str = Field(
        pattern=ONE_LINE,
        max_length=100,
        description="What people call the site: one line.",
        examples=["Example University"],
    )
    status: Literal["active", "planned"] = Field(
        default="active", description="`planned`: validated and shown, never deployed."
    )
    contacts: tuple[Contact, ...] = Field(default=(), description="Teams to write to, by role.")
    cluster: Cluster = Field(description="The Kubernetes cluster that carries the laboratory.")
    privilege: Privilege = Field(
        default=Privilege(), description="The powers that the site gives to the laboratory."
    )
    quota: Quota = Field(description="What the laboratory may take of the cluster.")
    storage: Storage = Field(description="Persistent volumes.")
    ingress: Ingress = Field(description="How HTTP from outside reaches the services.")
    load_balancing: LoadBalancing = Field(description="How traffic reaches the ingress.")
    object_storage: ObjectStorage | None = Field(
        default=None, description="S3-compatible object storage. Null: the site has none."
    )
    patterns: Mapping[DnsLabel, Mapping[str, Any]] = Field(
        default={},
        description="The analysis patterns to run, each with its settings; `{}` for the defaults. "
        "A pattern's page says which settings it has.",
    )

    def host(self, service: str) -> str:
        """Return the host name at which `service` answers."""
        return f"{service}.{self.ingress.domain}"

    def url(self, service: str) -> str:
        """Return the URL at which `service` answers, without a trailing slash."""
        port = "" if self.ingress.port == 80 else f":{self.ingress.port}"
        return f"http://{self.host(service)}{port}"
