"""The rules about CVMFS: what a kind takes of the cluster, and whose proxies are used."""

from __future__ import annotations

from collections.abc import Iterator

from sslab.site.diagnostics import Diagnostic
from sslab.site.document import Document, FieldPath
from sslab.site.model import Site
from sslab.site.substrate import CsiCvmfs, HostCvmfs

_FOREIGN_PROXIES = {
    # as the charts and packages of CVMFS bring them; each serves its own institution only
    "ca-proxy.cern.ch": "cern.ch",
    "ca-proxy-atlas.cern.ch": "cern.ch",
    "cmst0frontier.cern.ch": "cern.ch",
    "squid.fnal.gov": "fnal.gov",
    "squid.grid.uchicago.edu": "uchicago.edu",
}


def own_cvmfs(document: Document, site: Site) -> Iterator[Diagnostic]:
    """Yield why the laboratory cannot bring CVMFS to a site as the file asks."""
    given, path = site.privilege, ("cvmfs", "kind")
    if isinstance(site.cvmfs, HostCvmfs) and not (given.scope == "cluster" and given.host_path):
        yield document.at_value(
            path,
            "host makes PersistentVolumes of a folder of the nodes, which privilege forbids",
            'write "privilege: {scope: cluster, host_path: true}" if the administrators agree, or '
            "choose class or none",
        )
    if isinstance(site.cvmfs, CsiCvmfs):
        yield from _driver(document, site)
        yield from _proxies(document, site, site.cvmfs)


def _driver(document: Document, site: Site) -> Iterator[Diagnostic]:
    given, path = site.privilege, ("cvmfs", "kind")
    if not (given.scope == "cluster" and given.privileged and given.host_path):
        yield document.at_value(
            path,
            "csi runs privileged pods that mount folders of the nodes, which privilege forbids",
            'write "privilege: {scope: cluster, privileged: true, host_path: true}" if the '
            "administrators agree, or choose host, class or none",
        )
    elif given.pod_security not in (None, "privileged"):
        yield document.at_value(
            path,
            f"csi runs privileged pods, and privilege.pod_security allows {given.pod_security}",
            "set privilege.pod_security to privileged if the administrators agree, or choose host, "
            "class or none",
        )


def _proxies(document: Document, site: Site, cvmfs: CsiCvmfs) -> Iterator[Diagnostic]:
    for index, proxy in enumerate(cvmfs.proxies):
        path: FieldPath = ("cvmfs", "proxies", index)
        host = proxy.partition("://")[2].partition("/")[0].partition(":")[0].lower()
        owner = _FOREIGN_PROXIES.get(host)
        own = site.reached.domain if site.reached else ""
        if owner is not None and site.name != owner.partition(".")[0] and not own.endswith(owner):
            yield document.at_value(
                path,
                f"{host} is the default of another institution ({owner}), which serves its own "
                "machines only",
                "name the site's own squid, or delete proxies: the laboratory then runs one",
            )
        elif set(proxy) & _NOT_IN_A_LIST:
            yield document.at_value(
                path,
                "has a character that means something else in CVMFS' list of proxies or in a chart",
                "write the address alone, as in http://squid.example.edu:3128",
            )


_NOT_IN_A_LIST = frozenset("|;\"'{}$\\`")
