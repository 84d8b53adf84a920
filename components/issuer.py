"""The laboratory's own OpenID Connect issuer, for a site whose users it knows itself: Canaille."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
from pulumi_kubernetes.core.v1 import (
    Secret,
    SecretInitArgs,
    SecretVolumeSourceArgs,
    VolumeArgs,
    VolumeMountArgs,
)
from pulumi_kubernetes.meta.v1 import ObjectMetaArgs

from components import serving, workloads
from components.ingress import Backend, Ingress
from components.oidc import Endpoints
from components.workloads import HouseRules
from sslab.catalogue.layers import ISSUER

PORT = 8080
FOLDER = "/etc/issuer"


@dataclass(frozen=True, kw_only=True)
class IssuerArgs:
    """The issuer's address, its one client, and the people it knows.

    `groups` has the groups of each of them by name, `passwords` their passwords. `redirect_urls`
    are where the client may have users sent back to.
    """

    namespace: pulumi.Input[str]
    image: str
    address: str
    client_id: str
    client_secret: pulumi.Output[str]
    redirect_urls: Sequence[str]
    groups: Mapping[str, Sequence[str]]
    passwords: Mapping[str, pulumi.Output[str]]
    ingress: Ingress
    house: HouseRules


class Issuer(pulumi.ComponentResource):
    """An issuer that keeps nothing: it knows whom its settings name, and logins end with it."""

    def __init__(
        self, name: str, args: IssuerArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("ssl:components:Issuer", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        metadata = ObjectMetaArgs(
            name=ISSUER, namespace=args.namespace, labels=workloads.labels(ISSUER)
        )
        settings = _settings(args)
        secret = Secret(
            ISSUER,
            SecretInitArgs(metadata=metadata, string_data={"settings.json": settings}),
            opts=child,
        )
        container = workloads.container(
            ISSUER,
            args.image,
            workloads.resources(args.house, "50m", "256Mi", cpu_limit="1"),
            env=workloads.literal({"SETTINGS": f"{FOLDER}/settings.json"}),
            ports={"http": PORT},
            mounts=[VolumeMountArgs(name="settings", mount_path=FOLDER, read_only=True)],
            readiness=workloads.probe(
                "/.well-known/openid-configuration", PORT, period_s=2, failures=60
            ),
        )
        volume = VolumeArgs(
            name="settings",
            secret=SecretVolumeSourceArgs(secret_name=secret.metadata.name, default_mode=0o440),
        )
        pod = workloads.pod(args.house, ISSUER, [container], volumes=[volume], secrets=[settings])
        serving.deployment(ISSUER, metadata, pod, child)
        service = serving.service(ISSUER, metadata, "http", PORT, child)
        backend = Backend(namespace=args.namespace, service=service.metadata.name, port=PORT)
        args.ingress.route(ISSUER, backend, self)
        self.register_outputs({"address": args.address})


def endpoints(address: str, namespace: str, cluster_domain: str) -> Endpoints:
    """Return where browsers and pods reach an issuer that runs in a namespace."""
    inside = f"http://{ISSUER}.{namespace}.svc.{cluster_domain}:{PORT}"
    return Endpoints(
        authorize=f"{address}/oauth/authorize",
        end_session=f"{address}/oauth/end_session",
        token=f"{inside}/oauth/token",
        userinfo=f"{inside}/oauth/userinfo",
        keys=f"{inside}/oauth/jwks.json",
    )


def _settings(args: IssuerArgs) -> pulumi.Output[str]:
    """Return what images/canaille/ssl_issuer reads; it has the passwords."""

    def text(known: Sequence[str]) -> str:
        secret, *passwords = known
        people = zip(args.groups.items(), passwords, strict=True)
        return json.dumps(
            {
                "issuer": args.address,
                "client": {
                    "id": args.client_id,
                    "secret": secret,
                    "redirect_uris": list(args.redirect_urls),
                },
                "people": [
                    {"name": name, "password": password, "groups": list(groups)}
                    for (name, groups), password in people
                ],
            },
            indent=2,
        )

    passwords = [args.passwords[name] for name in args.groups]
    return pulumi.Output.all(args.client_secret, *passwords).apply(text)
