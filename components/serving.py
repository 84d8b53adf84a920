"""What a service consists of: a Deployment, and a Service in front of its pods."""

from __future__ import annotations

import pulumi
from pulumi_kubernetes.apps.v1 import Deployment, DeploymentInitArgs, DeploymentSpecArgs
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
) -> Deployment:
    """Run so many pods of a template, which are called `name` by their label."""
    return Deployment(
        name,
        DeploymentInitArgs(
            metadata=metadata,
            spec=DeploymentSpecArgs(
                replicas=replicas,
                selector=LabelSelectorArgs(match_labels=workloads.labels(name)),
                template=template,
            ),
        ),
        opts=opts,
    )


def service(
    name: str, metadata: ObjectMetaArgs, port_name: str, port: int, opts: pulumi.ResourceOptions
) -> Service:
    """Give the pods that are called `name` an address inside the cluster, at one TCP port."""
    return Service(
        name,
        ServiceInitArgs(
            metadata=metadata,
            spec=ServiceSpecArgs(
                selector=workloads.labels(name),
                ports=[ServicePortArgs(name=port_name, port=port, target_port=port)],
            ),
        ),
        opts=opts,
    )
