"""Which site can carry which pattern, and what would have to change where one cannot."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from sslab.catalogue.contract import Contract
from sslab.catalogue.quantity import parse_quantity, total
from sslab.site.model import Site


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a pattern cannot run at a site: the field of the site file that would change it."""

    field: str
    why: str
    remedy: str


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
    return Verdict(
        contract.name, tuple(reason for check in _CHECKS for reason in check(contract, site))
    )


def place_all(contracts: Mapping[str, Contract], site: Site) -> tuple[Verdict, ...]:
    """Return the verdict on every pattern, in the order of their names."""
    return tuple(place(contracts[name], site) for name in sorted(contracts))


def _quota(contract: Contract, site: Site) -> Iterator[Reason]:
    needs, quota = contract.needs, site.quota
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


def _object_storage(contract: Contract, site: Site) -> Iterator[Reason]:
    if contract.needs.object_storage and site.object_storage is None:
        yield Reason(
            "object_storage",
            "it needs object storage, the site has none",
            f'add "object_storage: {{kind: seaweedfs, capacity: 5Gi, buckets: [{contract.name}]}}"',
        )


def _volumes(contract: Contract, site: Site) -> Iterator[Reason]:
    volumes = contract.needs.storage
    if site.storage.rwx_class is None and any(
        each.access_mode == "ReadWriteMany" for each in volumes
    ):
        yield Reason(
            "storage.rwx_class",
            "it needs a ReadWriteMany volume, the site has no StorageClass for one",
            "set storage.rwx_class to a StorageClass that gives ReadWriteMany",
        )
    needed = total(each.size for each in volumes)
    if needed > parse_quantity(site.storage.capacity):
        sizes = " + ".join(each.size for each in volumes)
        yield Reason(
            "storage.capacity",
            f"it claims {sizes} of storage, the capacity is {site.storage.capacity}",
            f"raise storage.capacity to at least {sizes}",
        )


def _scope(contract: Contract, site: Site) -> Iterator[Reason]:
    if site.privilege.scope == "cluster":
        return
    powers = contract.powers
    kinds = ", ".join(powers.cluster_scoped)
    for is_taken, what in (
        (kinds, f"creates cluster-scoped objects ({kinds})"),
        (powers.cluster_secrets, "reads the Secrets of every namespace"),
        (powers.cluster_admin, "is an administrator of the cluster"),
    ):
        if is_taken:
            yield Reason(
                "privilege.scope",
                f"it {what}, the site's scope is {site.privilege.scope}",
                "set privilege.scope to cluster, if the cluster's administrators agree",
            )


_CHECKS = (_quota, _object_storage, _volumes, _scope)
