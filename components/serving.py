"""What a service consists of: a Deployment, and a Service in front of its pods."""

from __future__ import annotations

import pulumi
from pulumi_kubernetes.apps.v1 import (
    Deployment,
    DeploymentInitArgs,
    DeploymentSpecArgs,
    DeploymentStrategyArgs,
)
from pulumi_kubernetes.core.v1 import (
    PodTemplateSpecArgs,
    Service,
    ServiceInitArgs,
    ServicePortArgs,
    ServiceSpecArgs,
)
from pulumi_kubernetes.meta.v1 import LabelSelectorArgs, ObjectMetaArgs

from components import workloads


def deployment(
    name: str,
    metadata: ObjectMetaArgs,
    template: PodTemplateSpecArgs,
    opts: pulumi.ResourceOptions,
    *,
    replicas: int = 1,
    alone: bool = False,
) -> Deployment:
    """Run so many pods of a template, which are called `name` by their label.

    `alone`: the old pod goes before the new one comes, as where both would have the same volume.
    """
    return Deployment(
        name,
        DeploymentInitArgs(
            metadata=metadata,
            spec=DeploymentSpecArgs(
                replicas=replicas,
                selector=LabelSelectorArgs(match_labels=workloads.labels(name)),
                template=template,
                strategy=DeploymentStrategyArgs(type="Recreate") if alone else None,
            ),
        ),
        opts=opts,
    )


def service(
    name: str,
    metadata: ObjectMetaArgs,
    port_name: str,
    port: int,
    opts: pulumi.ResourceOptions,
    *,
    pods: str | None = None,
) -> Service:
    """Give pods an address inside the cluster, at one TCP port.

    They are those that are called like the Service, or `pods`.
    """
    return Service(
        name,
        ServiceInitArgs(
            metadata=metadata,
            spec=ServiceSpecArgs(
                selector=workloads.labels(pods or name),
                ports=[ServicePortArgs(name=port_name, port=port, target_port=port)],
            ),
        ),
        opts=opts,
    )


def chart_service(
    name: str,
    namespace: pulumi.Input[str],
    chart: str,
    port_name: str,
    port: int,
    opts: pulumi.ResourceOptions,
    *,
    target: str | int,
) -> Service:
    """Give the pods of one of SLATE's charts a name of ours, and an address at one TCP port.

    Such a chart labels its pods with its release alone, which is called like the chart. `target` is
    their port, or what they call it. They may be there later, when the chart's image has come.
    """
    return Service(
        name,
        ServiceInitArgs(
            metadata=ObjectMetaArgs(
                name=name,
                namespace=namespace,
                labels=workloads.labels(name),
                annotations={"pulumi.com/skipAwait": "true"},
            ),
            spec=ServiceSpecArgs(
                selector={"release": chart},
                ports=[ServicePortArgs(name=port_name, port=port, target_port=target)],
            ),
        ),
        opts=opts,
    )
