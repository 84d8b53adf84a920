"""The cluster that carries a laboratory, and what the laboratory may do there."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from sslab.site.facts import Fact
from sslab.site.types import (
    DnsLabel,
    DnsName,
    FilePath,
    Model,
    Network,
    OneLine,
    Quantity,
    WebAddress,
    Word,
)


class LocalCluster(Model):
    """The embedded single-node Kubernetes, or a kubeconfig context that takes its place."""

    kind: Literal["local"]
    context: OneLine | None = Field(
        default=None,
        description="A kubeconfig context (kind, k3d, Docker Desktop, ...) to use in place of the "
        "embedded cluster. Default: none, the embedded cluster.",
        examples=["kind-ssl"],
    )


class ExistingCluster(Fact):
    """A Kubernetes cluster that somebody already runs."""

    kind: Literal["existing"]
    context: OneLine | None = Field(
        default=None,
        description="The kubeconfig context that reaches it; an active site has to name it, so "
        "that no other cluster is changed by mistake.",
        examples=["my-cluster"],
    )
    kubeconfig: FilePath | None = Field(
        default=None,
        description="The kubeconfig file with that context. Default: the first file that "
        "KUBECONFIG names, else ~/.kube/config.",
        examples=["~/.kube/ssl"],
    )
    distribution: Literal["kubernetes", "k3s", "openshift", "okd"] | None = Field(
        default=None, description="Whose Kubernetes it is.", examples=["kubernetes"]
    )
    version: Word | None = Field(
        default=None, description="The version of Kubernetes.", examples=["1.34"]
    )


class NodePool(Model):
    """Worker nodes of one shape, as many as the load asks for."""

    name: DnsLabel = Field(description="The pool's name.", examples=["workers"])
    machine: Word = Field(
        description="The machine type of Google Cloud, or the flavor of OpenStack.",
        examples=["e2-standard-8"],
    )
    least: int = Field(default=1, ge=0, description="Nodes that are always there.")
    most: int = Field(ge=1, le=1000, description="Nodes at the highest load.", examples=[4])
    disk: Quantity | None = Field(
        default=None,
        description="The size of a node's disk at Google, in bytes; on OpenStack the flavor has "
        "it. Default: the cloud's.",
        examples=["100Gi"],
    )
    gpu: Word | None = Field(
        default=None,
        description="The accelerator type of Google Cloud; on OpenStack the flavor has it.",
        examples=["nvidia-tesla-t4"],
    )
    gpus: int = Field(default=0, ge=0, le=16, description="Accelerators of each node.")
    spot: bool = Field(
        default=False, description="Cheaper nodes that the cloud may take back at any time."
    )


_API_NETWORKS = Field(
    default=("0.0.0.0/0",),
    min_length=1,
    description="The networks from which the API server may be reached, by whoever has "
    "credentials.",
    examples=[["192.0.2.0/24"]],
)


class GkeCluster(Fact):
    """A private cluster on Google Kubernetes Engine that the laboratory makes and owns."""

    kind: Literal["gke"]
    project: DnsLabel | None = Field(
        default=None,
        description="The Google Cloud project that pays. Null: not known yet.",
        examples=["my-project"],
    )
    region: Word = Field(description="The region, or the zone.", examples=["us-central1"])
    release_channel: Literal["rapid", "regular", "stable"] = Field(
        default="regular", description="How fast Google upgrades the cluster."
    )
    pod_network: Network = Field(
        default="10.8.0.0/14", description="The network of the pods, inside the cloud's own."
    )
    service_network: Network = Field(
        default="10.12.0.0/20", description="The network of the Services."
    )
    api_networks: tuple[Network, ...] = _API_NETWORKS
    dns_zone: DnsLabel | None = Field(
        default=None,
        description="The managed zone of Cloud DNS, in the same project, that `ingress.domain` "
        "is in: a record *.<domain> is made there. Null: the record is made by hand.",
        examples=["my-zone"],
    )
    filestore: Quantity | None = Field(
        default=None,
        description="The size of a Filestore server for ReadWriteMany volumes, in bytes; Google "
        "makes none below 1Ti. Null: none is made.",
        examples=["1Ti"],
    )
    node_pools: tuple[NodePool, ...] = Field(
        min_length=1,
        description="The worker nodes.",
        examples=[[{"name": "workers", "machine": "e2-standard-8", "most": 4}]],
    )


class ManilaShare(Model):
    """A share of Manila that the laboratory makes."""

    protocol: Literal["nfs", "cephfs"] = Field(description="The protocol that it speaks.")
    size: Quantity = Field(description="Its size, in bytes.", examples=["100Gi"])
    type: Word | None = Field(
        default=None, description="The cloud's share type. Default: the cloud's.", examples=["nfs"]
    )
    own_server: bool = Field(
        default=False,
        description="Whether the cloud starts a file server in the nodes' network for it, by a "
        "share network (in Manila: driver_handles_share_servers).",
    )


class OpenStackCluster(Fact):
    """A cluster on OpenStack that the laboratory makes and owns."""

    kind: Literal["openstack"]
    cloud: Word = Field(
        description="The entry of clouds.yaml with address and credentials.", examples=["my-cloud"]
    )
    region: Word | None = Field(
        default=None,
        description="The region. Default: the cloud's only one.",
        examples=["RegionOne"],
    )
    method: Literal["magnum", "k3s"] = Field(
        description="`magnum`: the cloud's own cluster service. `k3s`: instances that install k3s "
        "by cloud-init, where the cloud has no Magnum.",
        examples=["k3s"],
    )
    template: Word | None = Field(
        default=None,
        description="The cluster template of Magnum; `magnum` needs it.",
        examples=["kubernetes-v1.34"],
    )
    image: Word | None = Field(
        default=None,
        description="The image of the instances; `k3s` needs it.",
        examples=["ubuntu-24.04"],
    )
    external_network: Word | None = Field(
        default=None,
        description="The provider network that floating addresses come from, by its name. Null: "
        "not known yet.",
        examples=["public"],
    )
    api_networks: tuple[Network, ...] = _API_NETWORKS
    key_pair: Word | None = Field(
        default=None,
        description="A key pair of the account, for SSH to the nodes from `api_networks`. Null: "
        "nobody logs in to a node.",
        examples=["my-key"],
    )
    share: ManilaShare | None = Field(
        default=None, description="A share for ReadWriteMany volumes. Null: none is made."
    )
    auth_url: WebAddress | None = Field(
        default=None,
        description="The address of the cloud's Keystone. With it, an application credential of "
        "the account is put into the cluster, as the Secret kube-system/cloud-config that the "
        "charts of Cinder's CSI driver and of OpenStack's cloud controller read. Null: none is.",
        examples=["https://keystone.example.edu/v3"],
    )
    control_plane: Word = Field(
        description="The flavor of the control plane's node.", examples=["m1.medium"]
    )
    node_pools: tuple[NodePool, ...] = Field(
        min_length=1,
        description="The worker nodes.",
        examples=[[{"name": "workers", "machine": "m1.xlarge", "most": 3}]],
    )


class HpcSite(Fact):
    """No Kubernetes: the site takes batch work only, at what `batch` names."""

    kind: Literal["hpc"]


Cluster = Annotated[
    LocalCluster | ExistingCluster | GkeCluster | OpenStackCluster | HpcSite,
    Field(discriminator="kind"),
]


class Privilege(Fact):
    """The powers that the site gives to the laboratory; all but the scope are off by default."""

    scope: Literal["cluster", "namespace"] = Field(
        default="cluster",
        description="`cluster`: may create cluster-scoped objects (namespaces, IngressClass, "
        "ClusterRole). `namespace`: only objects in namespaces that exist already.",
    )
    namespaces: tuple[DnsLabel, ...] = Field(
        default=(),
        description="The namespaces that exist already, for the scope `namespace`; the laboratory "
        "uses the first one.",
        examples=[["my-laboratory"]],
    )
    crds: bool = Field(default=False, description="May create CustomResourceDefinitions.")
    privileged: bool = Field(default=False, description="May run privileged containers.")
    host_path: bool = Field(default=False, description="May mount folders of the nodes.")
    pod_security: Literal["privileged", "baseline", "restricted"] | None = Field(
        default=None,
        description="The highest level of Pod Security that the site allows. Null: no limit.",
        examples=["restricted"],
    )
    scc: DnsName | None = Field(
        default=None,
        description="On OpenShift and OKD, the SecurityContextConstraints that pods run under.",
        examples=["restricted-v2"],
    )


class Cni(Fact):
    """The cluster's network."""

    name: OneLine | None = Field(
        default=None, description="The network plugin.", examples=["calico"]
    )
    network_policy: bool | None = Field(
        default=None,
        description="Whether the plugin enforces NetworkPolicies. Null: not known.",
        examples=[True],
    )
    cluster_domain: DnsName = Field(
        default="cluster.local", description="The DNS domain of Services inside the cluster."
    )
    node_network: Network | None = Field(
        default=None,
        description="The network of the nodes; a MetalLB pool has to be inside it.",
        examples=["192.0.2.0/24"],
    )
