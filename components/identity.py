"""Identity: how users of the patterns log in, at the site's OpenID Connect issuer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pulumi

from components import login_proxy
from components.ingress import Backend
from components.login_proxy import CALLBACK, LoginProxyArgs
from components.oidc import Client


@dataclass(frozen=True, kw_only=True)
class IdentityArgs:
    """The client that the laboratory is at the issuer.

    `address` returns the URL of a service, without a trailing slash. `proxy` is for the login in
    front of services that have none; None where no pattern asks for it.
    """

    client: Client
    address: Callable[[str], str]
    proxy: LoginProxyArgs | None


class Identity(pulumi.ComponentResource):
    """A login at the issuer: by an application itself, or by a proxy in front of a service."""

    client: Client
    """The settings for an application that logs its users in itself."""

    def __init__(
        self, name: str, args: IdentityArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("ssl:components:Identity", name, None, opts)
        self.client = args.client
        self._args = args
        self.register_outputs({"issuer": args.client.issuer, "client_id": args.client.client_id})

    def redirect_url(self, service: str, path: str = CALLBACK) -> str:
        """Return where the issuer sends users of a service back to; it has to be registered."""
        return f"{self._args.address(service)}{path}"

    def in_front_of(self, name: str, backend: Backend, parent: pulumi.Resource) -> Backend:
        """Put a login in front of the service called `name`, and return where it is reached now."""
        if self._args.proxy is None:
            raise ValueError(f"{name} is no pattern whose contract asks for a login in front of it")
        return login_proxy.run(
            name, self._args.proxy, self.client, self.redirect_url(name), backend, parent
        )
