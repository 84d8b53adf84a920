"""What the hub may do: make pods and claims in its own namespace, and nothing outside it."""

from __future__ import annotations

import pulumi
from pulumi_kubernetes.core.v1 import ServiceAccount, ServiceAccountInitArgs
from pulumi_kubernetes.meta.v1 import ObjectMetaArgs
from pulumi_kubernetes.rbac.v1 import (
    PolicyRuleArgs,
    Role,
    RoleBinding,
    RoleBindingInitArgs,
    RoleInitArgs,
    RoleRefArgs,
    SubjectArgs,
)

from components import workloads


def account(
    name: str, namespace: pulumi.Input[str], parent: pulumi.Resource
) -> tuple[pulumi.Output[str], list[pulumi.Resource]]:
    """Return the hub's account, and what has to be there before it is of use."""
    child = pulumi.ResourceOptions(parent=parent)
    metadata = ObjectMetaArgs(name=name, namespace=namespace, labels=workloads.labels(name))
    made = ServiceAccount(
        name,
        ServiceAccountInitArgs(metadata=metadata, automount_service_account_token=False),
        opts=child,
    )
    role = Role(
        name,
        RoleInitArgs(
            metadata=metadata,
            rules=[
                _may("pods", "get", "list", "watch", "create", "delete"),
                # a user's volume is made, and never deleted
                _may("persistentvolumeclaims", "get", "list", "watch", "create"),
                # why a server does not start
                _may("events", "get", "list", "watch"),
            ],
        ),
        opts=child,
    )
    binding = RoleBinding(
        name,
        RoleBindingInitArgs(
            metadata=metadata,
            role_ref=RoleRefArgs(
                api_group="rbac.authorization.k8s.io", kind="Role", name=role.metadata.name
            ),
            subjects=[
                SubjectArgs(kind="ServiceAccount", name=made.metadata.name, namespace=namespace)
            ],
        ),
        opts=child,
    )
    return made.metadata.name.apply(str), [binding]


def _may(resource: str, *verbs: str) -> PolicyRuleArgs:
    return PolicyRuleArgs(api_groups=[""], resources=[resource], verbs=list(verbs))
