"""The substrate's layers at a site: what the policies let each do, what it takes, where it is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sslab.catalogue.contract import Contract, Needs, Powers, StorageNeed
from sslab.catalogue.quantity import bytes_text, cores_text, total
from sslab.errors import SslabError
from sslab.site.model import Site
from sslab.site.object_storage import GcsObjects, RemoteObjects, S3Objects, SeaweedFS, SwiftObjects
from sslab.site.scheduling import Kueue
from sslab.site.substrate import CsiCvmfs, MetalLB, TraefikIngress

LAYER_POWERS: Mapping[str, Powers] = {
    "Laboratory": Powers(),
    "KubernetesCluster": Powers(),
    "Namespaces": Powers(cluster_scoped=("Namespace",)),
    # a volume on a file server is no namespace's
    "Storage": Powers(cluster_scoped=("PersistentVolume",)),
    "LoadBalancing": Powers(),
    # MetalLB defines its own kinds of objects, and its speaker answers ARP in the nodes' network,
    # as root: a capability that is added to another user's container is not effective
    "MetalLB": Powers(
        cluster_scoped=(
            *("ClusterRole", "ClusterRoleBinding", "CustomResourceDefinition"),
            "ValidatingWebhookConfiguration",
        ),
        capabilities=("NET_RAW",),
        host_network=True,
        run_as_root=True,
    ),
    # Traefik reads the cluster's nodes and ingress classes, and is reached from outside
    "Ingress": Powers(
        cluster_scoped=("ClusterRole", "ClusterRoleBinding", "IngressClass"), external_service=True
    ),
    "ObjectStorage": Powers(),
    # the driver mounts filesystems for all pods of a node, and needs autofs in the node's view of
    # its processes; where the nodes have CVMFS already, volumes lead to that folder
    "Cvmfs": Powers(
        cluster_scoped=(
            *("CSIDriver", "ClusterRole", "ClusterRoleBinding"),
            *("PersistentVolume", "StorageClass"),
        ),
        privileged=True,
        host_path=True,
        host_pid=True,
        run_as_root=True,
    ),
    "Squid": Powers(),
    # Kueue defines its own kinds of objects, and judges and changes Jobs before they are stored
    "Scheduling": Powers(
        cluster_scoped=(
            *("APIService", "ClusterQueue", "ClusterRole", "ClusterRoleBinding"),
            *("CustomResourceDefinition", "MutatingWebhookConfiguration", "ResourceFlavor"),
            "ValidatingWebhookConfiguration",
        ),
    ),
    "Identity": Powers(),
    "Issuer": Powers(),
    "Monitoring": Powers(),
}
"""Powers by the component's kind; a kind that is not here has none."""

LAYER_NEEDS: Mapping[str, Needs] = {
    # two pods of Traefik: the new one is there before the old one goes
    "Ingress": Needs(cpu="100m", memory="384Mi"),
    # SeaweedFS' store and its S3 gateway
    "ObjectStorage": Needs(cpu="100m", memory="896Mi"),
    # two squids: the new one is there before the old one goes
    "Squid": Needs(cpu="200m", memory="1536Mi"),
    # two of Kueue's controllers: the new one is there before the old one goes
    "Scheduling": Needs(cpu="100m", memory="512Mi"),
    # two of the OpenID Connect provider: the new one is there before the old one goes
    "Issuer": Needs(cpu="100m", memory="512Mi"),
    # Prometheus, and a month of what it has measured
    "Monitoring": Needs(
        cpu="100m",
        memory="512Mi",
        storage=(StorageNeed(access_mode="ReadWriteOnce", size="8Gi"),),
    ),
}
"""What a layer's pods request together, by the component's kind; the others run no pods."""

LOGIN_PROXY_NEEDS = Needs(cpu="40m", memory="128Mi")
"""What two pods of the login in front of a service request, as with Traefik, in its namespace."""

ISSUER = "login"
"""What the laboratory's own issuer is called in URLs."""

LOGIN_CALLBACK = "/oauth2/callback"
"""Where the issuer sends users back to who have logged in in front of a service."""

LAYER_NAMESPACES: Mapping[str, str] = {
    "Ingress": "ssl-ingress",
    "ObjectStorage": "ssl-object-storage",
    "MetalLB": "ssl-metallb",
    "Cvmfs": "ssl-cvmfs",
    "Squid": "ssl-squid",
    "Scheduling": "ssl-scheduling",
    "Issuer": "ssl-identity",
    "Monitoring": "ssl-monitoring",
}
"""The namespace of a layer's pods, by the component's kind, where the laboratory makes its own."""

LAYER_IMAGES: Mapping[str, str] = {
    "Ingress": "traefik",
    "ObjectStorage": "seaweedfs",
    "MetalLB": "metallb",
    "Squid": "squid",
    "Scheduling": "kueue",
    "Identity": "oauth2-proxy",
    "Issuer": "canaille",
    "Monitoring": "prometheus",
}
"""The folder of `images/` that a layer's pods run, by the component's kind."""

CVMFS_CLAIM = "1Mi"
"""What a claim to CVMFS asks for: it takes no space, and Kubernetes wants a size."""

SEAWEEDFS_REGION = "us-east-1"
"""SeaweedFS has no regions; S3 clients want one."""


def layer_needs(site: Site) -> Mapping[str, Needs]:
    """Return what the layers that run pods at a site request, by the component's kind."""
    runs = {
        "Ingress": isinstance(site.ingress, TraefikIngress),
        "ObjectStorage": isinstance(site.object_storage, SeaweedFS),
        "Squid": isinstance(site.cvmfs, CsiCvmfs) and not site.cvmfs.proxies,
        "Scheduling": isinstance(site.scheduling, Kueue),
        "Issuer": runs_issuer(site),
        "Monitoring": site.monitoring.mode == "own",
    }
    needs = {kind: LAYER_NEEDS[kind] for kind, does in runs.items() if does}
    if metrics_behind_login(site):
        needs["Monitoring"] = _with_login(needs["Monitoring"])
    return needs


def own_metallb(site: Site) -> MetalLB | None:
    """Return the MetalLB that the laboratory runs at a site, for its own ingress; None: none."""
    offered = site.load_balancing
    own_ingress = isinstance(site.ingress, TraefikIngress)
    return offered if own_ingress and isinstance(offered, MetalLB) and offered.install else None


def images_of(site: Site, contracts: Mapping[str, Contract]) -> list[str]:
    """Return the folders of `images/` that the pods of a site run, sorted."""
    layers = [*layer_needs(site), *(["MetalLB"] if own_metallb(site) else [])]
    layers += ["Identity"] if runs_login(site, contracts) else []
    ours = {LAYER_IMAGES[kind] for kind in layers}
    run = [contracts[name] for name in site.patterns if name in contracts]
    return sorted(
        ours.union(*({*([each.image] if each.image else []), *each.other_images} for each in run))
    )


def behind_login(contract: Contract) -> bool:
    """Tell whether the laboratory logs a pattern's users in before it lets them through."""
    return contract.needs.login and not contract.needs.own_login


def guarded(site: Site, contracts: Mapping[str, Contract]) -> tuple[str, ...]:
    """Return the patterns of a site whose users the laboratory logs in, sorted."""
    asked = sorted(name for name in site.patterns if name in contracts)
    return tuple(name for name in asked if behind_login(contracts[name]))


def metrics_behind_login(site: Site) -> bool:
    """Tell whether the laboratory's Prometheus is reached from outside, which takes a login."""
    has_login = site.identity is not None and site.identity.client is not None
    return site.monitoring.mode == "own" and site.reached is not None and has_login


def runs_issuer(site: Site) -> bool:
    """Tell whether the laboratory runs the issuer, because it knows the users itself."""
    return site.identity is not None and bool(site.identity.users)


def callbacks(site: Site, contracts: Mapping[str, Contract]) -> tuple[str, ...]:
    """Return where the issuer may send users back to: the services with a login, sorted by name."""
    if site.reached is None:
        return ()
    asked = [contracts[name] for name in site.patterns if name in contracts]
    paths = {each.name: each.needs.callback for each in asked if each.needs.own_login}
    paths |= dict.fromkeys(guarded(site, contracts), LOGIN_CALLBACK)
    if metrics_behind_login(site):
        paths["prometheus"] = LOGIN_CALLBACK
    return tuple(f"{site.url(name)}{path}" for name, path in sorted(paths.items()) if path)


def runs_login(site: Site, contracts: Mapping[str, Contract]) -> bool:
    """Tell whether the laboratory logs anybody in at a site."""
    return bool(guarded(site, contracts)) or metrics_behind_login(site)


def pattern_needs(contract: Contract, settings: Mapping[str, Any]) -> Needs:
    """Return what a pattern needs, with the pods of the login in front of it.

    `settings` are those of the site file, of which some are sizes of volumes.
    """
    needs = contract.needs
    volumes = tuple(
        each.model_copy(update={"size": str(settings.get(each.setting or "", each.size))})
        for each in needs.storage
    )
    if volumes != needs.storage:
        needs = needs.model_copy(update={"storage": volumes})
    return _with_login(needs) if behind_login(contract) else needs


def _with_login(needs: Needs) -> Needs:
    return needs.model_copy(
        update={
            "cpu": cores_text(total([needs.cpu, LOGIN_PROXY_NEEDS.cpu])),
            "memory": bytes_text(total([needs.memory, LOGIN_PROXY_NEEDS.memory])),
        }
    )


def namespace(site: Site, own: str) -> str:
    """Return where a layer or pattern runs: in its own namespace, or in the one that a site gives.

    Raises SslabError where the site makes the namespaces and none is known.
    """
    if site.privilege.scope == "cluster":
        return own
    if not site.privilege.namespaces:
        raise SslabError(
            f"sites/{site.name}.yaml: privilege.namespaces: no namespace is known, and with "
            "privilege.scope: namespace the laboratory makes none",
            remedy="name the one that the site has made for it",
        )
    return site.privilege.namespaces[0]


def objects_url(site: Site) -> str | None:
    """Return where the object storage answers to whoever is outside the cluster, None: nowhere."""
    match site.object_storage:
        case SeaweedFS():
            return site.url("s3") if site.reached else None
        case S3Objects() | SwiftObjects() | GcsObjects() as remote:
            return remote.endpoint
    return None


def bucket_name(site: Site, bucket: str) -> str:
    """Return what a bucket of the site file is called in the object storage."""
    offered = site.object_storage
    return f"{offered.prefix}{bucket}" if isinstance(offered, RemoteObjects) else bucket


def region(site: Site) -> str:
    """Return the region that requests to the object storage are signed for."""
    offered = site.object_storage
    return offered.region if isinstance(offered, RemoteObjects) else SEAWEEDFS_REGION
