"""What the laboratory's layers are made of at a site: volumes, ingress, CVMFS, images.

Null means that a layer is not known; `kind: none` that the site has none.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from sslab.site.facts import Fact
from sslab.site.types import (
    AbsolutePath,
    Address,
    AddressRange,
    ChartMirror,
    DnsLabel,
    DnsName,
    HostPort,
    Model,
    NamespacedName,
    NodePort,
    Quantity,
    RegistryPath,
    WebAddress,
)


class Nothing(Model):
    """The site has none."""

    kind: Literal["none"]


class FileServer(Model):
    """A server of shared files, where no StorageClass gives ReadWriteMany."""

    kind: Literal["nfs", "cephfs"] = Field(description="The protocol that it speaks.")
    server: DnsName = Field(
        description="Its host name or IPv4 address.", examples=["nfs.example.edu"]
    )
    path: AbsolutePath = Field(description="The exported folder.", examples=["/export/ssl"])


class Storage(Fact):
    """Persistent volumes: which StorageClass gives which access mode."""

    rwo_class: DnsName | None = Field(
        default=None,
        description="The StorageClass for ReadWriteOnce claims. Default: the cluster's default.",
        examples=["block"],
    )
    rwx_class: DnsName | None = Field(
        default=None,
        description="The StorageClass for ReadWriteMany claims. Null: the site has none.",
        examples=["shared"],
    )
    rwx_server: FileServer | None = Field(
        default=None,
        description="The server of ReadWriteMany volumes, in place of `rwx_class`.",
    )
    capacity: Quantity = Field(
        description="Storage that all claims of the laboratory may request together, in bytes.",
        examples=["20Gi"],
    )


class TlsSecret(Model):
    """A certificate that somebody else keeps current in a Secret."""

    kind: Literal["secret"]
    secret: DnsName = Field(
        description="The Secret (type kubernetes.io/tls) with a certificate for *.<domain>, in "
        "each namespace with routes.",
        examples=["ssl-tls"],
    )


class TlsIssuer(Model):
    """Certificates that cert-manager, which the site runs, gets and renews."""

    kind: Literal["issuer"]
    issuer: DnsName = Field(description="The issuer's name.", examples=["letsencrypt-prod"])
    scope: Literal["cluster", "namespace"] = Field(
        default="cluster", description="Whether it is a ClusterIssuer or an Issuer."
    )


Tls = Annotated[TlsSecret | TlsIssuer, Field(discriminator="kind")]


class Reached(Fact):
    """What every way to reach the services by HTTP has."""

    domain: DnsName = Field(
        description="Every service answers at <service>.<domain>. Names under .localhost reach "
        "the machine itself without any DNS entry.",
        examples=["ssl.example.edu"],
    )
    port: HostPort | None = Field(
        default=None,
        description="The TCP port in the services' URLs; on the embedded cluster the port on "
        "loopback where the ingress is published. Default: 443 with TLS, 80 without.",
        examples=[80],
    )
    tls: Tls | None = Field(
        default=None, description="Where certificates come from. Null: plain HTTP."
    )


class TraefikIngress(Reached):
    """Traefik run by the laboratory, with an IngressClass of its own."""

    kind: Literal["traefik"]
    class_name: DnsName = Field(
        default="traefik", description="The IngressClass that the laboratory makes and uses."
    )


class ClassIngress(Reached):
    """An ingress controller that the site runs already."""

    kind: Literal["class"]
    class_name: DnsName = Field(description="The site's IngressClass.", examples=["haproxy"])


class GatewayIngress(Reached):
    """A Gateway that the site runs already; services attach HTTPRoutes to it."""

    kind: Literal["gateway"]
    gateway: NamespacedName = Field(
        description="The Gateway, as namespace/name.", examples=["gateways/public"]
    )


Ingress = Annotated[
    TraefikIngress | ClassIngress | GatewayIngress | Nothing, Field(discriminator="kind")
]


class CloudBalancer(Model):
    """The load balancer of a commercial cloud."""

    kind: Literal["cloud"]
    address: Address | None = Field(
        default=None,
        description="An address reserved for the laboratory. Default: the cloud chooses.",
        examples=["192.0.2.10"],
    )


class OctaviaBalancer(Model):
    """OpenStack's load balancer, by its cloud controller in the cluster."""

    kind: Literal["octavia"]
    address: Address | None = Field(
        default=None,
        description="A floating address reserved for the laboratory. Default: a new one.",
        examples=["192.0.2.10"],
    )


class MetalLB(Model):
    """Addresses of the site's own network, announced by MetalLB."""

    kind: Literal["metallb"]
    pool: tuple[AddressRange, ...] = Field(
        min_length=1,
        description="Networks, or ranges first-last, of free addresses inside `cni.node_network`.",
        examples=[["192.0.2.10-192.0.2.20"]],
    )
    install: bool = Field(
        default=False,
        description="Whether the laboratory runs MetalLB and makes the pool. Default: the site "
        "runs MetalLB, and has put the pool there.",
    )
    address: Address | None = Field(
        default=None,
        description="The address of the ingress, one of the pool. Default: MetalLB chooses.",
        examples=["192.0.2.10"],
    )


class NodePorts(Model):
    """No load balancer: the ingress is reached at a port of the nodes."""

    kind: Literal["node-ports"]
    http: NodePort = Field(default=30080, description="The node port of plain HTTP.")
    https: NodePort = Field(default=30443, description="The node port of HTTPS, with TLS.")


LoadBalancing = Annotated[
    CloudBalancer | OctaviaBalancer | MetalLB | NodePorts | Nothing, Field(discriminator="kind")
]


class CsiCvmfs(Fact):
    """CVMFS mounted by its CSI driver, which the laboratory runs: privileged pods on every node."""

    kind: Literal["csi"]
    repositories: tuple[DnsName, ...] = Field(
        min_length=1,
        description="The repositories that pods may mount.",
        examples=[["atlas.cern.ch"]],
    )
    proxies: tuple[WebAddress, ...] = Field(
        default=(),
        description="The site's own squids. Default: none, the laboratory runs one.",
        examples=[["http://squid.example.edu:3128"]],
    )
    cache: Quantity = Field(default="10Gi", description="The cache on each node, in bytes.")


class HostCvmfs(Fact):
    """CVMFS that the site mounts on every node already."""

    kind: Literal["host"]
    repositories: tuple[DnsName, ...] = Field(
        min_length=1,
        description="The repositories that are mounted.",
        examples=[["atlas.cern.ch"]],
    )
    path: AbsolutePath = Field(default="/cvmfs", description="Where they are mounted.")


class ClassCvmfs(Fact):
    """CVMFS by a StorageClass of the site, which runs the CSI driver already."""

    kind: Literal["class"]
    class_name: DnsName = Field(
        description="The StorageClass whose volumes are CVMFS.", examples=["cvmfs"]
    )
    repositories: tuple[DnsName, ...] = Field(
        min_length=1,
        description="The repositories that it mounts.",
        examples=[["atlas.cern.ch"]],
    )


Cvmfs = Annotated[CsiCvmfs | HostCvmfs | ClassCvmfs | Nothing, Field(discriminator="kind")]


class Registry(Model):
    """Where images come from."""

    images: RegistryPath | None = Field(
        default=None,
        description="Where the laboratory's own images are pushed to and pulled from. Null: they "
        "are loaded into the embedded cluster's node.",
        examples=["registry.example.edu/ssl"],
    )
    mirror: RegistryPath | None = Field(
        default=None,
        description="A mirror that stands for all upstream registries, where nodes have no egress.",
        examples=["mirror.example.edu"],
    )
    pull_secret: DnsLabel | None = Field(
        default=None,
        description="The Secret with the registry's credentials, in each namespace.",
        examples=["registry"],
    )


class Charts(Model):
    """Where Helm charts come from."""

    mirror: ChartMirror | None = Field(
        default=None,
        description="A directory of the repository (`./...`) or of the machine that deploys "
        "(`/...`), or an OCI address, that takes the place of the upstream address, for sites "
        "without egress. In a directory a chart is the folder `<name>` or the archive "
        "`<name>-<version>.tgz`; `sslab plan` and `sslab render` show the objects of those that "
        "they find there. Null: each chart's own address.",
        examples=["oci://mirror.example.edu/charts"],
    )
