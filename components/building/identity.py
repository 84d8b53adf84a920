"""The identity of a site: how the users of its patterns log in, and where."""

from __future__ import annotations

import pulumi

from components.building.site import Building
from components.identity import Identity, IdentityArgs
from components.ingress import Ingress
from components.issuer import Issuer, IssuerArgs, endpoints
from components.login_proxy import LoginProxyArgs
from components.oidc import Client
from sslab.catalogue.layers import (
    ISSUER,
    LAYER_IMAGES,
    LAYER_NAMESPACES,
    callbacks,
    namespace,
    runs_issuer,
)
from sslab.catalogue.secrets import IDENTITY_CLIENT, IDENTITY_COOKIES, user_password
from sslab.site.agreement import Identity as Known


def build(building: Building, doors: Ingress | None) -> Identity | None:
    """Make the login, None where no pattern asks for one: its secrets are not there then.

    Where the site names the users themselves, the issuer is made as well.
    """
    site, secrets = building.site, building.args.secrets
    known = site.identity
    if known is None or known.client is None or IDENTITY_CLIENT not in secrets:
        return None
    asked = None
    if runs_issuer(site) and doors is not None:
        _issuer(building, known, known.client, secrets[IDENTITY_CLIENT], doors)
        home = namespace(site, LAYER_NAMESPACES["Issuer"])
        asked = endpoints(known.issuer, home, site.cni.cluster_domain)
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
        endpoints=asked,
    )
    return Identity(
        "identity",
        IdentityArgs(client=client, address=site.url, proxy=proxy),
        opts=building.layer,
    )


def _issuer(
    building: Building,
    known: Known,
    client: str,
    client_secret: pulumi.Output[str],
    doors: Ingress,
) -> None:
    """Run the issuer of the users whom the site file names."""
    Issuer(
        ISSUER,
        IssuerArgs(
            namespace=building.names[LAYER_NAMESPACES["Issuer"]],
            image=building.args.images[LAYER_IMAGES["Issuer"]],
            address=known.issuer,
            client_id=client,
            client_secret=client_secret,
            redirect_urls=callbacks(building.site, building.args.contracts),
            groups={user.name: user.groups for user in known.users},
            passwords={
                user.name: building.args.secrets[user_password(user.name)] for user in known.users
            },
            ingress=doors,
            house=building.house,
        ),
        opts=building.layer,
    )
