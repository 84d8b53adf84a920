"""Ingress: Traefik, which brings HTTP from outside to the services by host name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
from pulumi_kubernetes.apps.v1 import Deployment, DeploymentInitArgs, DeploymentSpecArgs
from pulumi_kubernetes.core.v1 import (
    ContainerArgs,
    Service,
    ServiceAccount,
    ServiceAccountInitArgs,
    ServiceInitArgs,
    ServicePortArgs,
    ServiceSpecArgs,
)
from pulumi_kubernetes.meta.v1 import LabelSelectorArgs, ObjectMetaArgs
from pulumi_kubernetes.networking.v1 import (
    HTTPIngressPathArgs,
    HTTPIngressRuleValueArgs,
    IngressBackendArgs,
    IngressClass,
    IngressClassInitArgs,
    IngressClassSpecArgs,
    IngressInitArgs,
    IngressRuleArgs,
    IngressServiceBackendArgs,
    IngressSpecArgs,
    ServiceBackendPortArgs,
)
from pulumi_kubernetes.networking.v1 import Ingress as IngressObject
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

from components import workloads
from components.load_balancing import LoadBalancing

TRAEFIK = "traefik"
WEB, ADMIN = 8000, 8080
CONTROLLER = "traefik.io/ingress-controller"


@dataclass(frozen=True, kw_only=True)
class TraefikArgs:
    """Where Traefik runs, its image, the class it serves, and how traffic reaches it.

    `routed` are the namespaces whose services it may route to, name to output.
    """

    namespace: pulumi.Input[str]
    image: str
    class_name: str
    domain: str
    load_balancing: LoadBalancing
    routed: Mapping[str, pulumi.Input[str]]


class Ingress(pulumi.ComponentResource):
    """Traefik with an IngressClass of its own; services answer at `<service>.<domain>`."""

    class_name: pulumi.Output[str]
    """The IngressClass, known once Traefik is ready."""
    domain: str

    def __init__(
        self, name: str, args: TraefikArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("ssl:components:Ingress", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        self.domain = args.domain
        metadata = ObjectMetaArgs(
            name=TRAEFIK, namespace=args.namespace, labels=workloads.labels(TRAEFIK)
        )
        account = ServiceAccount(TRAEFIK, ServiceAccountInitArgs(metadata=metadata), opts=child)
        permissions = self._permissions(args)
        ingress_class = IngressClass(
            TRAEFIK,
            IngressClassInitArgs(
                metadata=ObjectMetaArgs(name=args.class_name),
                spec=IngressClassSpecArgs(controller=CONTROLLER),
            ),
            opts=child,
        )
        Service(
            TRAEFIK,
            ServiceInitArgs(
                metadata=metadata,
                spec=ServiceSpecArgs(
                    type=args.load_balancing.service_type,
                    selector=workloads.labels(TRAEFIK),
                    ports=[
                        ServicePortArgs(
                            name="web",
                            port=80,
                            target_port=WEB,
                            node_port=args.load_balancing.http,
                        )
                    ],
                ),
            ),
            opts=child,
        )
        deployment = Deployment(
            TRAEFIK,
            DeploymentInitArgs(
                metadata=metadata,
                spec=DeploymentSpecArgs(
                    replicas=1,
                    selector=LabelSelectorArgs(match_labels=workloads.labels(TRAEFIK)),
                    template=workloads.pod(
                        TRAEFIK, [_container(args)], service_account=account.metadata.name
                    ),
                ),
            ),
            # a Traefik that starts without them tries again only after a while
            opts=pulumi.ResourceOptions(parent=self, depends_on=permissions),
        )
        self.class_name = pulumi.Output.all(ingress_class.metadata.name, deployment.id).apply(
            lambda known: str(known[0])
        )
        self.register_outputs({"class_name": self.class_name, "domain": self.domain})

    def _permissions(self, args: TraefikArgs) -> list[pulumi.Resource]:
        """Let Traefik read what routes are made of in the namespaces it serves, and no others.

        Returns the bindings. Traefik lists Secrets too, for certificates: where it may not, it
        routes nothing at all.
        """
        child = pulumi.ResourceOptions(parent=self)
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
            local = Role(
                f"{name}-{routed}",
                RoleInitArgs(
                    metadata=metadata,
                    rules=[
                        _read("", "services", "secrets"),
                        _read("discovery.k8s.io", "endpointslices"),
                        _read("networking.k8s.io", "ingresses"),
                        PolicyRuleArgs(
                            api_groups=["networking.k8s.io"],
                            resources=["ingresses/status"],
                            verbs=["update"],
                        ),
                    ],
                ),
                opts=child,
            )
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


def _reference(kind: str, name: pulumi.Input[str]) -> RoleRefArgs:
    return RoleRefArgs(api_group="rbac.authorization.k8s.io", kind=kind, name=name)


def _container(args: TraefikArgs) -> ContainerArgs:
    return workloads.container(
        TRAEFIK,
        args.image,
        workloads.resources("50m", "192Mi", cpu_limit="1"),
        args=[
            "--global.checknewversion=false",
            "--global.sendanonymoususage=false",
            f"--entrypoints.web.address=:{WEB}",
            f"--entrypoints.traefik.address=:{ADMIN}",
            "--ping=true",
            "--metrics.prometheus=true",
            "--providers.kubernetesingress=true",
            f"--providers.kubernetesingress.ingressclass={args.class_name}",
            f"--providers.kubernetesingress.namespaces={','.join(args.routed)}",
        ],
        ports={"web": WEB, "admin": ADMIN},
        readiness=workloads.probe("/ping", ADMIN, period_s=1, failures=60),
        liveness=workloads.probe("/ping", ADMIN, period_s=10, failures=3),
    )


def route(
    name: str,
    service: pulumi.Input[str],
    port: int,
    namespace: pulumi.Input[str],
    ingress: Ingress,
    parent: pulumi.Resource,
) -> IngressObject:
    """Make a service answer at `<name>.<domain>`. `port` is the Service's."""
    return IngressObject(
        name,
        IngressInitArgs(
            metadata=ObjectMetaArgs(
                name=name,
                namespace=namespace,
                # node ports have no address to report, so there is none to wait for
                annotations={"pulumi.com/skipAwait": "true"},
            ),
            spec=IngressSpecArgs(
                ingress_class_name=ingress.class_name,
                rules=[
                    IngressRuleArgs(
                        host=f"{name}.{ingress.domain}",
                        http=HTTPIngressRuleValueArgs(
                            paths=[
                                HTTPIngressPathArgs(
                                    path="/",
                                    path_type="Prefix",
                                    backend=IngressBackendArgs(
                                        service=IngressServiceBackendArgs(
                                            name=service,
                                            port=ServiceBackendPortArgs(number=port),
                                        )
                                    ),
                                )
                            ]
                        ),
                    )
                ],
            ),
        ),
        opts=pulumi.ResourceOptions(parent=parent),
    )
