"""What a plan needs to know of a site beside its resources: what it offers, whom its pods reach."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final
from urllib.parse import urlsplit

from sslab.catalogue.contract import Contract
from sslab.plan.powers import Egress

_ENDPOINTS: Final = (
    ("object_storage.endpoint", "object storage"),
    ("identity.issuer", "login"),
    ("storage.rwx_server.server", "shared files"),
    ("cvmfs.proxies", "CVMFS"),
    ("batch.endpoint", "batch work"),
)
"""The fields of a site file that name services outside the cluster, and what uses them."""


def offers(site: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return what a site offers as quantities; what is not known is None."""
    quota = {name: _first(site, f"quota.{name}") for name in ("cpu", "memory", "gpu", "pods")}
    return {**quota, "storage": _first(site, "storage.capacity")}


def capacity(site: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return what a whole site has as quantities; what is not known is None."""
    return {name: _first(site, f"capacity.{name}") for name in ("cpu", "memory", "storage")}


def egress(site: Mapping[str, Any], contracts: Mapping[str, Contract]) -> Egress:
    """Return the hosts outside that the site's pods reach, and who needs each."""
    found: dict[str, set[str]] = defaultdict(set)
    for pattern in site.get("patterns") or ():
        if pattern in contracts:
            for host in contracts[pattern].needs.egress:
                found[host].add(pattern)
    for path, who in _ENDPOINTS:
        for value in _at(site, path.split(".")):
            found[_host(str(value))].add(who)
    return {host: sorted(who) for host, who in sorted(found.items())}


def _first(site: Mapping[str, Any], path: str) -> Any:
    return next(_at(site, path.split(".")), None)


def _at(value: Any, steps: list[str]) -> Iterator[Any]:
    """Yield what is under nested keys, through lists; what is null is not there."""
    if isinstance(value, list | tuple):
        elements: Iterable[Any] = value
        for element in elements:
            yield from _at(element, steps)
    elif not steps:
        if value is not None:
            yield value
    elif isinstance(value, Mapping):
        yield from _at(value.get(steps[0]), steps[1:])


def _host(address: str) -> str:
    return urlsplit(address if "//" in address else f"//{address}").hostname or address
