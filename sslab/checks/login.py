"""Whether a service lets nobody in from outside who has not logged in."""

from __future__ import annotations

import httpx

from sslab.checks.access import SiteAccess
from sslab.checks.errors import CheckError
from sslab.checks.model import Measurement

FOUND = 302


def asked(service: str, access: SiteAccess, path: str = "/") -> Measurement:
    """Return the status that a stranger gets at a path, who has to be sent to the issuer.

    Raises CheckError where the login is not one for the site's client.
    """
    answer = access.as_stranger(service, path)
    identity = access.site.identity
    to = httpx.URL(answer.headers.get("location", ""))
    client = identity.client if identity else None
    if answer.status_code == FOUND and (client is None or to.params.get("client_id") != client):
        raise CheckError(
            f"{service} sends strangers to {to.copy_with(query=None)}, and not to a login of the "
            "client of the site file",
            remedy="compare identity with what the issuer's discovery document says",
        )
    return Measurement(
        check="status without a login", value=answer.status_code, expected=FOUND, tolerance=0
    )
