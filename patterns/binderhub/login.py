"""How the hub logs its users in at the site's issuer: options, and what it asks the issuer."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from components.oidc import IDP_CLAIM, Client

CALLBACK = "/hub/oauth_callback"
AUTHENTICATOR = "GenericOAuthenticator"

_DISCOVERY = """\
import json
import urllib.request

with urllib.request.urlopen({address}, timeout=60) as answer:
    known = json.load(answer)
c.GenericOAuthenticator.authorize_url = known["authorization_endpoint"]
c.GenericOAuthenticator.token_url = known["token_endpoint"]
c.GenericOAuthenticator.userdata_url = known["userinfo_endpoint"]
"""

_PROVIDERS = """\


def provider(state):
    claim = state["oauth_user"].get({claim})
    return [claim] if isinstance(claim, str) else []


c.GenericOAuthenticator.auth_state_groups_key = provider
"""


def options(client: Client, hub: str) -> Mapping[str, Any]:
    """Return how the hub's authenticator is configured; the client's secret is not among it.

    Where the site lets in some identity providers only, each is a group that its members are in.
    """
    found: dict[str, Any] = {
        "client_id": client.client_id,
        "oauth_callback_url": f"{hub}{CALLBACK}",
        "scope": list(client.scopes),
        "username_claim": client.username_claim,
        "login_service": "the site's identity provider",
        "extra_authorize_params": client.login_parameters,
    }
    if client.identity_providers:
        allowed = list(client.identity_providers)
        return {**found, "manage_groups": True, "allowed_groups": allowed}
    return {**found, "allow_all": True}


def program(client: Client) -> str:
    """Return what the hub runs as it starts: it asks the issuer for its addresses."""
    address = f"{client.issuer.rstrip('/')}/.well-known/openid-configuration"
    text = _DISCOVERY.format(address=json.dumps(address))
    if client.identity_providers:
        text += _PROVIDERS.format(claim=json.dumps(IDP_CLAIM))
    return text
