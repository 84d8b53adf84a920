"""The rules of a site whose users the laboratory itself knows: it runs the issuer."""

from __future__ import annotations

from collections.abc import Iterator

from sslab.catalogue.layers import ISSUER
from sslab.site.diagnostics import Diagnostic
from sslab.site.document import Document, shown
from sslab.site.model import Site


def own_issuer(document: Document, site: Site) -> Iterator[Diagnostic]:
    """Yield what keeps the laboratory from running the issuer that the site file describes."""
    known = site.identity
    if known is None or not known.users:
        return
    if site.reached is None:
        yield document.at_key(
            ("identity", "users"),
            "the laboratory's own issuer cannot be reached: the site has no ingress",
            "set ingress, or name an issuer elsewhere and delete the users",
        )
    elif known.issuer != site.url(ISSUER):
        yield document.at_value(
            ("identity", "issuer"),
            f"{shown(known.issuer)} is not where the laboratory's own issuer answers, which knows "
            "the users",
            f"write {site.url(ISSUER)}, or delete the users",
        )
    if known.client is None:
        yield document.at_key(
            ("identity", "users"),
            "the laboratory has no name at its own issuer",
            'add "client: ssl" to identity',
        )
    if known.identity_providers:
        yield document.at_value(
            ("identity", "identity_providers"),
            "the laboratory's own issuer knows its own users, and no other identity provider",
            "delete identity_providers, or the users",
        )
    first: set[str] = set()
    for index, user in enumerate(known.users):
        if user.name in first:
            yield document.at_value(
                ("identity", "users", index, "name"),
                f"{shown(user.name)} is here a second time",
                "delete one of the two",
            )
        first.add(user.name)
