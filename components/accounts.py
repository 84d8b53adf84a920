"""An account of pods that may do something in their own namespace, and nothing outside it."""

from __future__ import annotations

from collections.abc import Sequence

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
    name: str,
    namespace: pulumi.Input[str],
    rules: Sequence[PolicyRuleArgs],
    parent: pulumi.Resource,
) -> tuple[pulumi.Output[str], list[pulumi.Resource]]:
    """Return the name of a new account with a Role, and what has to be there before it is of use.

    Only pods that name the account get its token.
    """
    child = pulumi.ResourceOptions(parent=parent)
    metadata = ObjectMetaArgs(name=name, namespace=namespace, labels=workloads.labels(name))
    made = ServiceAccount(
        name,
        ServiceAccountInitArgs(metadata=metadata, automount_service_account_token=False),
        opts=child,
    )
    role = Role(name, RoleInitArgs(metadata=metadata, rules=list(rules)), opts=child)
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
