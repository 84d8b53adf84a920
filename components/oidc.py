"""The laboratory as a client of an OpenID Connect issuer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

import pulumi

CILOGON = "cilogon.org"
IDP_CLAIM = "idp"
"""The claim with the EntityID of the identity provider that a user came by, at CILogon."""


@dataclass(frozen=True, kw_only=True)
class Endpoints:
    """The addresses of an issuer, where they are not asked of it.

    A browser is sent to `authorize` and `end_session`; pods ask the others.
    """

    authorize: str
    end_session: str
    token: str
    userinfo: str
    keys: str


@dataclass(frozen=True, kw_only=True)
class Client:
    """What an application needs to log users in at the issuer.

    `identity_providers` are the EntityIDs of those whose members may log in, empty for all that the
    issuer knows. Whoever logs users in has to compare them with the claim `idp`: the issuer does
    not. `endpoints` are those of the laboratory's own issuer, which pods reach by another name than
    browsers; None: the issuer's discovery document has them.
    """

    issuer: str
    client_id: str
    client_secret: pulumi.Output[str]
    identity_providers: Sequence[str]
    username_claim: str
    groups_claim: str
    endpoints: Endpoints | None = None

    @property
    def is_cilogon(self) -> bool:
        """Tell whether the issuer is CILogon, which has parameters and scopes of its own."""
        host = urlsplit(self.issuer).hostname or ""
        return host == CILOGON or host.endswith(f".{CILOGON}")

    @property
    def scopes(self) -> tuple[str, ...]:
        """The scopes to ask for: CILogon tells `idp` and `isMemberOf` in one of its own."""
        return (
            "openid",
            "email",
            "profile",
            *(("org.cilogon.userinfo",) if self.is_cilogon else ()),
            # that of the laboratory's own issuer
            *(("groups",) if self.endpoints else ()),
        )

    @property
    def login_parameters(self) -> dict[str, str]:
        """What to add to the address of a login: CILogon offers these identity providers only."""
        if not self.is_cilogon or not self.identity_providers:
            return {}
        return {"selected_idp": ",".join(self.identity_providers)}
