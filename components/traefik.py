"""Traefik: the ingress controller that the laboratory runs where the site has none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
from pulumi_kubernetes.core.v1 import (
    ContainerArgs,
    Service,
    ServiceAccount,
    ServiceAccountInitArgs,
    ServiceInitArgs,
    ServicePortArgs,
    ServiceSpecArgs,
)
from pulumi_kubernetes.meta.v1 import ObjectMetaArgs
from pulumi_kubernetes.networking.v1 import IngressClass, IngressClassInitArgs, IngressClassSpecArgs
from pulumi_kubernetes.rbac.v1 import (
    ClusterRole,
    ClusterRoleBinding,
    ClusterRoleBindingInitArgs,
    ClusterRoleInitArgs,
    PolicyRuleArgs,
    Role,
    RoleBinding,
    RoleBindingInitArgs,
    RoleInitArgs,
    RoleRefArgs,
    SubjectArgs,
)

from components import serving, workloads
from components.load_balancing import LoadBalancing
from components.workloads import HouseRules

TRAEFIK = "traefik"
WEB, WEBSECURE, ADMIN = 8000, 8443, 8080
CONTROLLER = "traefik.io/ingress-controller"


@dataclass(frozen=True, kw_only=True)
class TraefikArgs:
    """Where Traefik runs, its image, the class it serves, and how traffic reaches it.

    `routed` are the namespaces whose services it may route to, name to output. `https_port` is the
    TCP port in the services' URLs where they are encrypted; None where they are not.
    """

    namespace: pulumi.Input[str]
    image: str
    class_name: str
    https_port: int | None
    load_balancing: LoadBalancing
    routed: Mapping[str, pulumi.Input[str]]
    house: HouseRules


def run(args: TraefikArgs, parent: pulumi.Resource) -> pulumi.Output[str]:
    """Run Traefik, and return the name of its IngressClass, known once Traefik is ready."""
    child = pulumi.ResourceOptions(parent=parent)
    metadata = ObjectMetaArgs(
        name=TRAEFIK, namespace=args.namespace, labels=workloads.labels(TRAEFIK)
    )
    account = ServiceAccount(TRAEFIK, ServiceAccountInitArgs(metadata=metadata), opts=child)
    permissions = _permissions(args, parent)
    ingress_class = IngressClass(
        TRAEFIK,
        IngressClassInitArgs(
            metadata=ObjectMetaArgs(name=args.class_name),
            spec=IngressClassSpecArgs(controller=CONTROLLER),
        ),
        opts=child,
    )
    _service(args, child)
    deployment = serving.deployment(
        TRAEFIK,
        metadata,
        workloads.pod(
            args.house, TRAEFIK, [_container(args)], service_account=account.metadata.name
        ),
        # a Traefik that starts without them tries again only after a while
        pulumi.ResourceOptions(parent=parent, depends_on=permissions),
    )
    return pulumi.Output.all(ingress_class.metadata.name, deployment.id).apply(
        lambda known: str(known[0])
    )


def _service(args: TraefikArgs, opts: pulumi.ResourceOptions) -> None:
    balancing = args.load_balancing
    ports = [ServicePortArgs(name="web", port=80, target_port=WEB, node_port=balancing.http)]
    if args.https_port is not None:
        ports.append(
            ServicePortArgs(
                name="websecure", port=443, target_port=WEBSECURE, node_port=balancing.https
            )
        )
    Service(
        TRAEFIK,
        ServiceInitArgs(
            metadata=ObjectMetaArgs(
                name=TRAEFIK,
                namespace=args.namespace,
                labels=workloads.labels(TRAEFIK),
                annotations=balancing.annotations or None,
            ),
            spec=ServiceSpecArgs(
                type=balancing.service_type,
                load_balancer_ip=balancing.address,
                selector=workloads.labels(TRAEFIK),
                ports=ports,
            ),
        ),
        opts=pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(hooks=balancing.hooks)),
    )


def _container(args: TraefikArgs) -> ContainerArgs:
    ports, encryption = {"web": WEB, "admin": ADMIN}, []
    if args.https_port is not None:
        ports["websecure"] = WEBSECURE
        encryption = [
            f"--entrypoints.websecure.address=:{WEBSECURE}",
            "--entrypoints.websecure.http.tls=true",
            # what comes unencrypted is sent to the same URL with https
            f"--entrypoints.web.http.redirections.entrypoint.to=:{args.https_port}",
            "--entrypoints.web.http.redirections.entrypoint.scheme=https",
        ]
    return workloads.container(
        TRAEFIK,
        args.image,
        workloads.resources(args.house, "50m", "192Mi", cpu_limit="1"),
        args=[
            "--global.checknewversion=false",
            "--global.sendanonymoususage=false",
            f"--entrypoints.web.address=:{WEB}",
            *encryption,
            f"--entrypoints.traefik.address=:{ADMIN}",
            "--ping=true",
            "--metrics.prometheus=true",
            "--providers.kubernetesingress=true",
            f"--providers.kubernetesingress.ingressclass={args.class_name}",
            f"--providers.kubernetesingress.namespaces={','.join(args.routed)}",
        ],
        ports=ports,
        readiness=workloads.probe("/ping", ADMIN, period_s=1, failures=60),
        liveness=workloads.probe("/ping", ADMIN, period_s=10, failures=3),
    )


def _permissions(args: TraefikArgs, parent: pulumi.Resource) -> list[pulumi.Resource]:
    """Let Traefik read what routes are made of in the namespaces it serves, and no others.

    Returns the bindings. Traefik lists Secrets too, for certificates: where it may not, it routes
    nothing at all.
    """
    child = pulumi.ResourceOptions(parent=parent)
    subjects = [SubjectArgs(kind="ServiceAccount", name=TRAEFIK, namespace=args.namespace)]
    name = f"ssl-{TRAEFIK}"
    role = ClusterRole(
        name,
        ClusterRoleInitArgs(
            metadata=ObjectMetaArgs(name=name),
            rules=[
                _read("", "nodes"),
                _read("networking.k8s.io", "ingressclasses"),
            ],
        ),
        opts=child,
    )
    bindings: list[pulumi.Resource] = [
        ClusterRoleBinding(
            name,
            ClusterRoleBindingInitArgs(
                metadata=ObjectMetaArgs(name=name),
                role_ref=_reference("ClusterRole", role.metadata.name),
                subjects=subjects,
            ),
            opts=child,
        )
    ]
    for routed, namespace in args.routed.items():
        metadata = ObjectMetaArgs(name=name, namespace=namespace)
        local = Role(f"{name}-{routed}", RoleInitArgs(metadata=metadata, rules=_ROUTES), opts=child)
        bindings.append(
            RoleBinding(
                f"{name}-{routed}",
                RoleBindingInitArgs(
                    metadata=metadata,
                    role_ref=_reference("Role", local.metadata.name),
                    subjects=subjects,
                ),
                opts=child,
            )
        )
    return bindings


def _read(group: str, *resources: str) -> PolicyRuleArgs:
    return PolicyRuleArgs(
        api_groups=[group], resources=list(resources), verbs=["get", "list", "watch"]
    )


_ROUTES = [
    _read("", "services", "secrets"),
    _read("discovery.k8s.io", "endpointslices"),
    _read("networking.k8s.io", "ingresses"),
    PolicyRuleArgs(
        api_groups=["networking.k8s.io"], resources=["ingresses/status"], verbs=["update"]
    ),
]


def _reference(kind: str, name: pulumi.Input[str]) -> RoleRefArgs:
    return RoleRefArgs(api_group="rbac.authorization.k8s.io", kind=kind, name=name)
