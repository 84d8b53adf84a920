"""Quotas: how the namespaces divide what a site gives to the laboratory."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction

from sslab.catalogue.contract import Contract, Needs, StorageNeed
from sslab.catalogue.layers import CVMFS_CLAIM, LAYER_NAMESPACES, layer_needs, pattern_needs
from sslab.catalogue.quantity import bytes_text, cores_text, parse_quantity, total
from sslab.errors import SslabError
from sslab.site.agreement import Quota
from sslab.site.model import Site
from sslab.site.object_storage import SeaweedFS

MEBIBYTE = 1024**2


@dataclass(frozen=True, kw_only=True)
class Share:
    """What the pods and claims of one namespace may request together, as quantities.

    `pods` is how many of them there may be, `accelerators` how many of each resource.
    """

    cpu: str
    memory: str
    storage: str
    pods: int
    accelerators: Mapping[str, int]


def site_shares(site: Site, contracts: Mapping[str, Contract]) -> dict[str, Share]:
    """Return the share of each namespace that the laboratory makes at a site, by its name.

    There is none where the site's quota is not known, or where the site gives the namespace: that
    has a quota of the site's. Raises SslabError where the quota is less than the needs.
    """
    if site.quota is None or site.privilege.scope == "namespace":
        return {}
    layers = {LAYER_NAMESPACES[kind]: needs for kind, needs in layer_needs(site).items()}
    if isinstance(site.object_storage, SeaweedFS):
        objects = LAYER_NAMESPACES["ObjectStorage"]
        claim = StorageNeed(access_mode="ReadWriteOnce", size=site.object_storage.capacity)
        layers[objects] = layers[objects].model_copy(update={"storage": (claim,)})
    asked = {
        name: pattern_needs(contracts[name], site.patterns[name])
        for name in sorted(site.patterns)
        if name in contracts
    }
    accelerators = sorted({each.resource for each in site.gpus})
    return shares(site.name, site.quota, layers, asked, accelerators)


def shares(
    site: str,
    quota: Quota,
    layers: Mapping[str, Needs],
    patterns: Mapping[str, Needs],
    accelerators: Collection[str] = (),
) -> dict[str, Share]:
    """Return the share of each namespace, by its name. `site` is the site's name.

    A layer gets what it needs; the patterns divide the rest in proportion to their needs. Together
    the shares are never more than the quota. `accelerators` are the resources by which the site's
    are asked for. Raises SslabError where the quota is less than the needs.
    """
    everybody = {**layers, **patterns}
    devices = _divide_accelerators(site, quota.gpu, everybody) if quota.gpu else {}
    cpu = _divide(site, "cpu", quota.cpu, layers, patterns)
    memory = _divide(site, "memory", quota.memory, layers, patterns)
    return {
        name: Share(
            cpu=cores_text(Fraction(int(cpu[name] * 1000), 1000)),
            memory=bytes_text(Fraction(int(memory[name] / MEBIBYTE) * MEBIBYTE)),
            storage=bytes_text(total(_claims(needs))),
            pods=quota.pods,
            accelerators={
                resource: devices[name] if resource == needs.gpu_resource else 0
                for resource in accelerators
                if devices
            },
        )
        for name, needs in everybody.items()
    }


def _claims(needs: Needs) -> list[str]:
    """Return the sizes of what is claimed in a namespace."""
    return [*(volume.size for volume in needs.storage), *([CVMFS_CLAIM] if needs.cvmfs else [])]


def _divide_accelerators(site: str, offered: int, needs: Mapping[str, Needs]) -> dict[str, int]:
    """Divide accelerators, whole ones, in proportion to the needs."""
    asked = sum(each.gpu for each in needs.values())
    if asked > offered:
        raise SslabError(
            f"sites/{site}.yaml: quota.gpu: {offered} is less than the {asked} that the "
            "laboratory's patterns request",
            remedy=f"raise it to at least {asked}, or take a pattern away",
        )
    return {name: offered * each.gpu // asked if asked else 0 for name, each in needs.items()}


def _divide(
    site: str, what: str, offered: str, layers: Mapping[str, Needs], patterns: Mapping[str, Needs]
) -> dict[str, Fraction]:
    """Divide CPU cores or bytes of memory."""

    def needed(of: Mapping[str, Needs]) -> dict[str, Fraction]:
        return {name: parse_quantity(getattr(needs, what)) for name, needs in of.items()}

    taken, asked = needed(layers), needed(patterns)
    rest = parse_quantity(offered) - _sum(taken)
    if rest < _sum(asked):
        text = cores_text if what == "cpu" else bytes_text
        least = text(_sum(taken) + _sum(asked))
        raise SslabError(
            f"sites/{site}.yaml: quota.{what}: {offered} is less than the {least} that the "
            f"laboratory's layers and patterns request",
            remedy=f"raise it to at least {least}, or take a pattern away",
        )
    return taken | {name: rest * each / _sum(asked) for name, each in asked.items() if each}


def _sum(amounts: Mapping[str, Fraction]) -> Fraction:
    values: Iterable[Fraction] = amounts.values()
    return sum(values, Fraction(0))
