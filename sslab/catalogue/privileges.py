"""What a pattern may do at a site, held against the privileges that the site gives."""

from __future__ import annotations

from collections.abc import Iterator

from sslab.catalogue.contract import Contract
from sslab.catalogue.reason import Reason
from sslab.site.model import Site

LEVELS = ("privileged", "baseline", "restricted")
"""The levels of Pod Security, from the loosest to the strictest."""


def scope(contract: Contract, site: Site) -> Iterator[Reason]:
    """Yield what the pattern does to the cluster as a whole, where the site gives a namespace."""
    if site.privilege.scope == "cluster":
        return
    taken = contract.powers
    kinds = ", ".join(taken.cluster_scoped)
    for is_taken, what in (
        (kinds, f"creates cluster-scoped objects ({kinds})"),
        (taken.cluster_secrets, "reads the Secrets of every namespace"),
        (taken.cluster_admin, "is an administrator of the cluster"),
    ):
        if is_taken:
            yield Reason(
                "privilege.scope",
                f"it {what}, the site's scope is {site.privilege.scope}",
                "set privilege.scope to cluster, if the cluster's administrators agree",
            )


def powers(contract: Contract, site: Site) -> Iterator[Reason]:
    """Yield the powers that the pattern takes and the site does not give."""
    taken, given = contract.powers, site.privilege
    for is_taken, field, what in (
        ("CustomResourceDefinition" in taken.cluster_scoped, "crds", "creates resource kinds"),
        (taken.privileged, "privileged", "runs privileged containers"),
        (taken.host_path, "host_path", "mounts folders of the nodes"),
    ):
        if is_taken and not getattr(given, field):
            yield Reason(
                f"privilege.{field}",
                f"it {what}, which the site does not allow",
                f"set privilege.{field} to true, if the cluster's administrators agree",
            )
    level = taken.pod_security
    if given.pod_security is not None and LEVELS.index(level) < LEVELS.index(given.pod_security):
        yield Reason(
            "privilege.pod_security",
            f"it needs the Pod Security level {level}, the site allows {given.pod_security}",
            f"set privilege.pod_security to {level}, if the cluster's administrators agree",
        )
