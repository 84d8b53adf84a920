"""The login in front of a service that has none: oauth2-proxy, in the service's own namespace."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pulumi
from pulumi_kubernetes.core.v1 import (
    ConfigMap,
    ConfigMapInitArgs,
    ConfigMapVolumeSourceArgs,
    ContainerArgs,
    Secret,
    SecretInitArgs,
    SecretVolumeSourceArgs,
    VolumeArgs,
    VolumeMountArgs,
)
from pulumi_kubernetes.meta.v1 import ObjectMetaArgs

from components import serving, workloads
from components.ingress import Backend
from components.oidc import IDP_CLAIM, Client
from components.workloads import HouseRules
from sslab.catalogue.layers import LOGIN_CALLBACK

PORT = 4180
CALLBACK = LOGIN_CALLBACK
SETTINGS, SECRETS = "/etc/login", "/etc/login-secrets"
SESSION_H = 12
"""Hours after which a user logs in again: what the issuer knows of them is not asked before."""

ANSWER_H = 1
"""Hours that a service may take to answer; what is in front of it may be less patient."""


@dataclass(frozen=True, kw_only=True)
class LoginProxyArgs:
    """The image of the proxy, and what sessions are sealed with."""

    image: str
    cookie_secret: pulumi.Output[str]
    house: HouseRules


def run(
    name: str,
    args: LoginProxyArgs,
    client: Client,
    redirect_url: str,
    backend: Backend,
    parent: pulumi.Resource,
) -> Backend:
    """Run a proxy that lets users through to `backend` once they have logged in."""
    own = f"{name}-login"
    child = pulumi.ResourceOptions(parent=parent)
    metadata = ObjectMetaArgs(name=own, namespace=backend.namespace, labels=workloads.labels(own))
    text = pulumi.Output.from_input(backend.service).apply(
        lambda service: _text(client, f"http://{service}:{backend.port}")
    )
    settings = ConfigMap(
        own, ConfigMapInitArgs(metadata=metadata, data={"settings.yaml": text}), opts=child
    )
    secret = Secret(
        own,
        SecretInitArgs(
            metadata=metadata,
            string_data={"client": client.client_secret, "cookies": args.cookie_secret},
        ),
        opts=child,
    )
    pod = workloads.pod(
        args.house,
        own,
        [_container(name, args, redirect_url)],
        volumes=_volumes(settings, secret),
        # other settings make new pods, as other secrets do
        secrets=[client.client_secret, args.cookie_secret, text],
    )
    serving.deployment(own, metadata, pod, child)
    service = serving.service(own, metadata, "http", PORT, child)
    return Backend(namespace=backend.namespace, service=service.metadata.name, port=PORT)


def _container(name: str, args: LoginProxyArgs, redirect_url: str) -> ContainerArgs:
    encrypted = redirect_url.startswith("https://")
    return workloads.container(
        "login",
        args.image,
        workloads.resources(args.house, "20m", "64Mi", cpu_limit="500m"),
        args=[
            f"--alpha-config={SETTINGS}/settings.yaml",
            f"--cookie-secret-file={SECRETS}/cookies",
            # the name is signed with the rest: no service's cookie is good for another one; and
            # with this prefix browsers take it from the service's own host only, by https
            f"--cookie-name={'__Host-' if encrypted else ''}login-{name}",
            f"--cookie-secure={str(encrypted).lower()}",
            "--cookie-samesite=lax",
            f"--cookie-expire={SESSION_H}h",
            # the service needs no tokens, and without them the session fits into one cookie
            "--session-cookie-minimal=true",
            f"--redirect-url={redirect_url}",
            "--skip-provider-button=true",
            "--email-domain=*",
            # the service's own /ping and /ready stay the service's
            "--ping-path=/oauth2/ping",
            "--ready-path=/oauth2/ready",
            # a line for each login, none for each request: its address has the code of a login
            "--request-logging=false",
        ],
        ports={"http": PORT},
        mounts=[
            VolumeMountArgs(name="settings", mount_path=SETTINGS, read_only=True),
            VolumeMountArgs(name="secrets", mount_path=SECRETS, read_only=True),
        ],
        readiness=workloads.probe("/oauth2/ready", PORT, period_s=1, failures=60),
        liveness=workloads.probe("/oauth2/ping", PORT, period_s=10, failures=3),
    )


def _volumes(settings: ConfigMap, secret: Secret) -> list[VolumeArgs]:
    return [
        VolumeArgs(
            name="settings",
            config_map=ConfigMapVolumeSourceArgs(name=settings.metadata.name),
        ),
        VolumeArgs(
            name="secrets",
            secret=SecretVolumeSourceArgs(secret_name=secret.metadata.name, default_mode=0o440),
        ),
    ]


def _text(client: Client, upstream: str) -> str:
    """Return the proxy's settings as JSON, which is YAML too."""
    settings = {
        "server": {"bindAddress": f"0.0.0.0:{PORT}"},
        "upstreamConfig": {
            "upstreams": [
                {"id": "service", "path": "/", "uri": upstream, "timeout": f"{ANSWER_H}h"}
            ]
        },
        "injectRequestHeaders": _headers(client),
        "providers": [_provider(client)],
    }
    # the proxy puts variables of its environment where it finds a dollar sign
    return json.dumps(settings, indent=2).replace("$", "$$")


def _provider(client: Client) -> Mapping[str, Any]:
    """Return how users log in. Without `identity_providers` whoever has logged in may come."""
    restricted, asked = bool(client.identity_providers), client.endpoints
    return {
        "id": "issuer",
        "provider": "oidc",
        "clientID": client.client_id,
        "clientSecretFile": f"{SECRETS}/client",
        "scope": " ".join(client.scopes),
        "code_challenge_method": "S256",
        "loginURLParameters": [
            {"name": name, "default": [value]} for name, value in client.login_parameters.items()
        ],
        # who is let in is decided by what the proxy calls groups, so that these are the identity
        # providers, and the real groups are one more claim
        "allowedGroups": list(client.identity_providers),
        **_endpoints(client),
        "additionalClaims": [client.username_claim, client.groups_claim],
        "oidcConfig": {
            "issuerURL": client.issuer,
            "groupsClaim": IDP_CLAIM if restricted else client.groups_claim,
            "insecureSkipNonce": False,
            **({"skipDiscovery": True, "jwksURL": asked.keys} if asked else {}),
        },
    }


def _endpoints(client: Client) -> Mapping[str, str]:
    """Return the issuer's addresses, empty where its discovery document has them."""
    if client.endpoints is None:
        return {}
    return {
        "loginURL": client.endpoints.authorize,
        "redeemURL": client.endpoints.token,
        "profileURL": client.endpoints.userinfo,
    }


def _headers(client: Client) -> Sequence[Mapping[str, Any]]:
    """Return what the service learns of a user; such headers from outside are thrown away."""
    groups = client.groups_claim
    if not client.identity_providers:
        groups = "groups"  # the proxy's own name for them
    claims = {
        "X-Forwarded-User": client.username_claim,
        "X-Forwarded-Email": "email",
        # a claim that is called like the proxy's own groups cannot be told from them
        "X-Forwarded-Groups": None if client.identity_providers and groups == "groups" else groups,
    }
    return [
        {"name": header, "values": [{"claimSource": {"claim": claim}}] if claim else []}
        for header, claim in claims.items()
    ]
