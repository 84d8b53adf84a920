"""The rule about a MetalLB of our own: it needs an ingress to serve, and the powers to run."""

from __future__ import annotations

from collections.abc import Iterator

from sslab.site.diagnostics import Diagnostic
from sslab.site.document import Document, FieldPath
from sslab.site.model import Site
from sslab.site.substrate import MetalLB, TraefikIngress


def own_metallb(document: Document, site: Site) -> Iterator[Diagnostic]:
    """Yield why the laboratory cannot run MetalLB at a site that asks for it."""
    if not isinstance(site.load_balancing, MetalLB) or not site.load_balancing.install:
        return
    path: FieldPath = ("load_balancing", "install")
    if not isinstance(site.ingress, TraefikIngress):
        yield document.at_value(
            path,
            "MetalLB would serve the Traefik that the laboratory runs, and it runs none here",
            "delete install: the site's ingress has an address already",
        )
        return
    given = site.privilege
    privileged_pods = given.pod_security in (None, "privileged")
    if not (given.scope == "cluster" and given.crds and privileged_pods):
        yield document.at_value(
            path,
            "MetalLB defines kinds of objects and answers in the nodes' network, which privilege "
            "forbids",
            'write "privilege: {scope: cluster, crds: true}" if the administrators agree, or '
            "delete install where the site runs MetalLB",
        )
