"""Which site can carry which pattern, and what would have to change where one cannot."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from sslab.catalogue import privileges
from sslab.catalogue.contract import Contract
from sslab.catalogue.layers import pattern_needs
from sslab.catalogue.quantity import bytes_text, parse_quantity, total
from sslab.catalogue.reason import Reason
from sslab.catalogue.sharing import file_server
from sslab.site.cluster import HpcSite
from sslab.site.model import Site
from sslab.site.substrate import NodePorts, Nothing


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a pattern can run at a site; the reasons are empty where it can."""

    pattern: str
    reasons: tuple[Reason, ...] = ()

    @property
    def possible(self) -> bool:
        """True where nothing stands in the way."""
        return not self.reasons


def place(contract: Contract, site: Site) -> Verdict:
    """Hold what one pattern needs against what the site offers.

    Each pattern is judged by itself, whether the site asks for it or not: what several need
    together is for `sslab.site.rules`, and so is the bucket, which a site declares as it asks.
    """
    without_cluster = tuple(_cluster(contract, site))
    return Verdict(
        contract.name,
        without_cluster or tuple(reason for check in _CHECKS for reason in check(contract, site)),
    )


def place_all(contracts: Mapping[str, Contract], site: Site) -> tuple[Verdict, ...]:
    """Return the verdict on every pattern, in the order of their names."""
    return tuple(place(contracts[name], site) for name in sorted(contracts))


def _cluster(_: Contract, site: Site) -> Iterator[Reason]:
    if isinstance(site.cluster, HpcSite):
        yield Reason(
            "cluster.kind",
            "its pods need Kubernetes, the site takes batch work only",
            "describe a Kubernetes cluster in cluster, where the site gets one",
        )


def _quota(contract: Contract, site: Site) -> Iterator[Reason]:
    needs, quota = pattern_needs(contract, {}), site.quota
    if quota is None:
        yield Reason(
            "quota",
            f"its pods request {needs.cpu} CPU and {needs.memory} of memory, what the laboratory "
            "may take is not known",
            f'add "quota: {{cpu: {needs.cpu}, memory: {needs.memory}, pods: 50}}" or more',
        )
        return
    for field, what, needed, offered in (
        ("cpu", "CPU", needs.cpu, quota.cpu),
        ("memory", "of memory", needs.memory, quota.memory),
    ):
        if parse_quantity(needed) > parse_quantity(offered):
            yield Reason(
                f"quota.{field}",
                f"its pods request {needed} {what}, the quota is {offered}",
                f"raise quota.{field} to at least {needed}",
            )


def _gpu(contract: Contract, site: Site) -> Iterator[Reason]:
    needed, resource = contract.needs.gpu, contract.needs.gpu_resource
    if not needed:
        return
    if resource not in {each.resource for each in site.gpus}:
        yield Reason(
            "gpus",
            f"it needs {needed} {resource}, the site has none",
            f'add the model with "resource: {resource}" to gpus, where the site has it',
        )
    elif site.quota is not None and needed > site.quota.gpu:
        yield Reason(
            "quota.gpu",
            f"it needs {needed} {resource}, the quota is {site.quota.gpu}",
            f"raise quota.gpu to at least {needed}",
        )


def _ingress(contract: Contract, site: Site) -> Iterator[Reason]:
    if contract.needs.ingress and site.reached is None:
        known = "the site has none" if site.ingress else "how the site is reached is not known"
        yield Reason(
            "ingress",
            f"it answers HTTP from outside, {known}",
            'set ingress, as in "{kind: class, class_name: nginx, domain: ssl.example.edu}"',
        )


def _load_balancer(contract: Contract, site: Site) -> Iterator[Reason]:
    balancing = site.load_balancing
    if contract.needs.load_balancer and (
        balancing is None or isinstance(balancing, NodePorts | Nothing)
    ):
        known = "the site has none" if balancing else "what the site has is not known"
        yield Reason(
            "load_balancing",
            f"it takes an address of the load balancer, {known}",
            "set load_balancing to what gives addresses: kind cloud, octavia or metallb",
        )


def _object_storage(contract: Contract, site: Site) -> Iterator[Reason]:
    if contract.needs.object_storage and (
        site.object_storage is None or isinstance(site.object_storage, Nothing)
    ):
        known = "the site has none" if site.object_storage else "what the site has is not known"
        yield Reason(
            "object_storage",
            f"it needs object storage, {known}",
            f'set "object_storage: {{kind: seaweedfs, capacity: 5Gi, buckets: [{contract.name}]}}"',
        )


def _volumes(contract: Contract, site: Site) -> Iterator[Reason]:
    volumes, storage = contract.needs.storage, site.storage
    if not volumes:
        return
    size = total(each.size for each in volumes)
    needed = bytes_text(size)
    if storage is None:
        yield Reason(
            "storage",
            f"it claims {needed} of storage, what the site has is not known",
            f'add "storage: {{capacity: {needed}}}" or more',
        )
        return
    shared = [each for each in volumes if each.access_mode == "ReadWriteMany"]
    if shared and not storage.rwx_class:
        yield from _file_server(site, any(each.by_class for each in shared))
    if size > parse_quantity(storage.capacity):
        yield Reason(
            "storage.capacity",
            f"it claims {needed} of storage, the capacity is {storage.capacity}",
            f"raise storage.capacity to at least {needed}",
        )


def _file_server(site: Site, by_class: bool) -> Iterator[Reason]:
    """Judge the file server of a site where no StorageClass gives ReadWriteMany."""
    server = None if by_class else file_server(site)
    if server is None:
        yield Reason(
            "storage.rwx_class",
            "it needs a ReadWriteMany volume, the site has no StorageClass for one",
            "set storage.rwx_class to a StorageClass that gives ReadWriteMany",
        )
        return
    field, protocol = server
    if protocol == "cephfs":
        yield Reason(
            field,
            "it needs a ReadWriteMany volume, and CephFS is mounted by Ceph's CSI driver alone",
            "set storage.rwx_class to a StorageClass of that driver, which the site has to run",
        )
    elif site.privilege.scope == "namespace":
        yield Reason(
            field,
            "it needs a ReadWriteMany volume, and one on a file server is a PersistentVolume, "
            "which privilege.scope: namespace forbids",
            "set storage.rwx_class to a StorageClass that gives ReadWriteMany",
        )


def _cvmfs(contract: Contract, site: Site) -> Iterator[Reason]:
    if not contract.needs.cvmfs:
        return
    if site.cvmfs is None or isinstance(site.cvmfs, Nothing):
        names = ", ".join(contract.needs.cvmfs)
        known = "the site has no CVMFS" if site.cvmfs else "whether the site has CVMFS is not known"
        yield Reason(
            "cvmfs",
            f"it mounts {names}, {known}",
            f'set "cvmfs: {{kind: csi, repositories: [{names}]}}", or kind host where it is',
        )
        return
    missing = [each for each in contract.needs.cvmfs if each not in site.cvmfs.repositories]
    if missing:
        yield Reason(
            "cvmfs.repositories",
            f"it mounts {', '.join(missing)}, which is not among the site's repositories",
            f"add {', '.join(missing)} to cvmfs.repositories",
        )


def _batch(contract: Contract, site: Site) -> Iterator[Reason]:
    if not contract.needs.batch or any(each.endpoint for each in site.batch):
        return
    if site.batch:
        yield Reason(
            "batch[0].endpoint",
            f"it sends work to a batch system, where the site's {site.batch[0].kind} is reached is "
            "not known",
            "set batch[0].endpoint to its host",
        )
        return
    yield Reason(
        "batch",
        "it sends work to a batch system, the site has none",
        'add it to batch, as in "{kind: slurm, endpoint: login.example.edu}"',
    )


def _registry(contract: Contract, site: Site) -> Iterator[Reason]:
    if contract.needs.registry and site.registry.images is None:
        yield Reason(
            "registry.images",
            "it pushes images, the site has no registry for them",
            'set registry.images, as in "registry.example.edu/ssl"',
        )


def _login(contract: Contract, site: Site) -> Iterator[Reason]:
    if not contract.needs.login:
        return
    if site.identity is None:
        yield Reason(
            "identity",
            "its users log in, no identity provider is known",
            "set identity to an OpenID Connect issuer",
        )
    elif site.identity.client is None:
        yield Reason(
            "identity.client",
            f"its users log in, the laboratory is not registered at {site.identity.issuer}",
            "register it there (docs/identity.md), and set identity.client to the client id",
        )
    elif site.identity.users and contract.needs.own_login and contract.needs.callback is None:
        yield Reason(
            "identity.users",
            "its users log in at a host name to which our own issuer sends nobody back",
            "leave identity.users out, and set identity.issuer to one that others run",
        )


def _network(contract: Contract, site: Site) -> Iterator[Reason]:
    needs, network = contract.needs, site.network
    if needs.network_policy and site.cni.network_policy is not True:
        known = "does not enforce" if site.cni.network_policy is False else "may not enforce"
        yield Reason(
            "cni.network_policy",
            f"it is safe only behind NetworkPolicies, which the site's network {known}",
            "set cni.network_policy to true, where the network plugin enforces them",
        )
    if network is None or network.egress in (None, "open"):
        return
    allowed = network.egress_hosts if network.egress == "listed" else ()
    closed = [host for host in needs.egress if host not in allowed]
    if closed:
        yield Reason(
            "network.egress_hosts" if network.egress == "listed" else "network.egress",
            f"its pods reach {', '.join(closed)}, which the site does not let them",
            f"add {', '.join(closed)} to network.egress_hosts, if the site's network agrees",
        )


_CHECKS = (
    _quota,
    _gpu,
    _ingress,
    _load_balancer,
    _object_storage,
    _volumes,
    _cvmfs,
    _batch,
    _registry,
    _login,
    _network,
    privileges.scope,
    privileges.powers,
)
