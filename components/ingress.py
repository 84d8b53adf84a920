"""Ingress: how HTTP from outside reaches the services, by host name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pulumi
from pulumi_kubernetes.apiextensions import CustomResource
from pulumi_kubernetes.meta.v1 import ObjectMetaArgs
from pulumi_kubernetes.networking.v1 import (
    HTTPIngressPathArgs,
    HTTPIngressRuleValueArgs,
    IngressBackendArgs,
    IngressInitArgs,
    IngressRuleArgs,
    IngressServiceBackendArgs,
    IngressSpecArgs,
    IngressTLSArgs,
    ServiceBackendPortArgs,
)
from pulumi_kubernetes.networking.v1 import Ingress as IngressObject

from components import traefik
from components.traefik import TraefikArgs
from sslab.site.substrate import ClassIngress, GatewayIngress, Reached, TlsIssuer, TlsSecret


@dataclass(frozen=True, kw_only=True)
class IngressArgs:
    """How the site is reached; `traefik` where the laboratory runs the controller itself."""

    reached: Reached
    traefik: TraefikArgs | None = None


@dataclass(frozen=True, kw_only=True)
class Backend:
    """A Service that answers HTTP: its namespace, name and port."""

    namespace: pulumi.Input[str]
    service: pulumi.Input[str]
    port: int


class Ingress(pulumi.ComponentResource):
    """Traefik, or the ingress that the site has; services answer at `<name>.<domain>`."""

    class_name: str | pulumi.Output[str] | None
    """The IngressClass, for applications that make routes themselves; None behind a Gateway."""

    def __init__(
        self, name: str, args: IngressArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("ssl:components:Ingress", name, None, opts)
        self._reached = args.reached
        self.class_name = None
        if args.traefik is not None:
            self.class_name = traefik.run(args.traefik, self)
        elif isinstance(args.reached, ClassIngress):
            self.class_name = args.reached.class_name
        self.register_outputs({"class_name": self.class_name, "domain": args.reached.domain})

    def route(
        self,
        name: str,
        backend: Backend,
        parent: pulumi.Resource,
        below: Mapping[str, Backend] | None = None,
    ) -> None:
        """Make a service answer at `<name>.<domain>`, and others of its namespace `below` a path.

        The longest path wins, whatever their order.
        """
        host = f"{name}.{self._reached.domain}"
        paths = {**(below or {}), "/": backend}
        if isinstance(self._reached, GatewayIngress):
            _http_route(name, host, self._reached, paths, parent)
        else:
            self._ingress_object(name, host, paths, parent)

    def _ingress_object(
        self, name: str, host: str, paths: Mapping[str, Backend], parent: pulumi.Resource
    ) -> None:
        secret, annotations = _certificate(name, self._reached)
        IngressObject(
            name,
            IngressInitArgs(
                metadata=ObjectMetaArgs(
                    name=name,
                    namespace=paths["/"].namespace,
                    # node ports have no address to report, so there is none to wait for
                    annotations={"pulumi.com/skipAwait": "true", **annotations},
                ),
                spec=IngressSpecArgs(
                    ingress_class_name=self.class_name,
                    tls=[IngressTLSArgs(hosts=[host], secret_name=secret)] if secret else None,
                    rules=[
                        IngressRuleArgs(
                            host=host,
                            http=HTTPIngressRuleValueArgs(
                                paths=[_ingress_path(path, each) for path, each in paths.items()]
                            ),
                        )
                    ],
                ),
            ),
            opts=pulumi.ResourceOptions(parent=parent),
        )


def _ingress_path(path: str, backend: Backend) -> HTTPIngressPathArgs:
    service = IngressServiceBackendArgs(
        name=backend.service, port=ServiceBackendPortArgs(number=backend.port)
    )
    return HTTPIngressPathArgs(
        path=path, path_type="Prefix", backend=IngressBackendArgs(service=service)
    )


def _certificate(name: str, reached: Reached) -> tuple[str | None, dict[str, str]]:
    """Return the Secret with the certificate of a route, and what asks cert-manager for it."""
    match reached.tls:
        case TlsSecret(secret=secret):
            return secret, {}
        case TlsIssuer(issuer=issuer, scope="cluster"):
            return f"{name}-tls", {"cert-manager.io/cluster-issuer": issuer}
        case TlsIssuer(issuer=issuer):
            return f"{name}-tls", {"cert-manager.io/issuer": issuer}
    return None, {}


def _http_route(
    name: str,
    host: str,
    reached: GatewayIngress,
    paths: Mapping[str, Backend],
    parent: pulumi.Resource,
) -> None:
    """Attach a route to the site's Gateway, which has the certificates."""
    namespace, _, gateway = reached.gateway.partition("/")
    CustomResource(
        name,
        api_version="gateway.networking.k8s.io/v1",
        kind="HTTPRoute",
        metadata=ObjectMetaArgs(name=name, namespace=paths["/"].namespace),
        spec={
            "parentRefs": [{"namespace": namespace, "name": gateway}],
            "hostnames": [host],
            "rules": [_rule(path, backend) for path, backend in paths.items()],
        },
        opts=pulumi.ResourceOptions(parent=parent),
    )


def _rule(path: str, backend: Backend) -> dict[str, Any]:
    """Return a rule of a route; one that matches nothing else matches every path."""
    rule: dict[str, Any] = {"backendRefs": [{"name": backend.service, "port": backend.port}]}
    if path != "/":
        rule["matches"] = [{"path": {"type": "PathPrefix", "value": path}}]
    return rule
