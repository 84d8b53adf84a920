"""The identity of a site: how the users of its patterns log in."""

from __future__ import annotations

from components.building.site import Building
from components.identity import Identity, IdentityArgs
from components.login_proxy import LoginProxyArgs
from components.oidc import Client
from sslab.catalogue.layers import LAYER_IMAGES
from sslab.catalogue.secrets import IDENTITY_CLIENT, IDENTITY_COOKIES


def build(building: Building) -> Identity | None:
    """Make the login, None where no pattern asks for one: its secrets are not there then."""
    known, secrets = building.site.identity, building.args.secrets
    if known is None or known.client is None or IDENTITY_CLIENT not in secrets:
        return None
    proxy = None
    if IDENTITY_COOKIES in secrets:
        proxy = LoginProxyArgs(
            image=building.args.images[LAYER_IMAGES["Identity"]],
            cookie_secret=secrets[IDENTITY_COOKIES],
            house=building.house,
        )
    client = Client(
        issuer=known.issuer,
        client_id=known.client,
        client_secret=secrets[IDENTITY_CLIENT],
        identity_providers=known.identity_providers,
        username_claim=known.username_claim,
        groups_claim=known.groups_claim,
    )
    return Identity(
        "identity",
        IdentityArgs(client=client, address=building.site.url, proxy=proxy),
        opts=building.layer,
    )
