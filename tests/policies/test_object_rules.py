from __future__ import annotations

from typing import Any

import pytest

from policies.model import UNKNOWN
from policies.object_rules import (
    no_cluster_scoped_object,
    no_external_service,
    no_opaque_release,
    no_wide_cluster_role,
)
from sslab.catalogue.contract import Powers
from tests.policies.policy_cases import messages, resource

RBAC = "kubernetes:rbac.authorization.k8s.io/v1"


@pytest.mark.parametrize(
    "token",
    [
        "kubernetes:core/v1:Namespace",
        "kubernetes:v1:Namespace",
        "kubernetes:core/v1:NamespacePatch",
        "kubernetes:core/v1:PersistentVolume",
        "kubernetes:storage.k8s.io/v1:StorageClass",
        f"{RBAC}:ClusterRole",
        f"{RBAC}:ClusterRoleBinding",
        "kubernetes:networking.k8s.io/v1:IngressClass",
        "kubernetes:scheduling.k8s.io/v1:PriorityClass",
        "kubernetes:apiextensions.k8s.io/v1:CustomResourceDefinition",
        "kubernetes:apiregistration.k8s.io/v1:APIService",
        "kubernetes:admissionregistration.k8s.io/v1:ValidatingWebhookConfiguration",
        "kubernetes:admissionregistration.k8s.io/v1:MutatingWebhookConfiguration",
        "kubernetes:kueue.x-k8s.io/v1beta1:ClusterQueue",
    ],
)
def test_a_cluster_scoped_object_needs_the_power(token: str) -> None:
    thing = resource(token, {"metadata": {"name": "thing", "namespace": "elsewhere"}})
    (message,) = messages(no_cluster_scoped_object, thing)
    kind = token.rpartition(":")[2].removesuffix("Patch")
    assert f"{kind} 'thing' is an object of the whole cluster" in message
    assert f"name {kind} in powers.cluster_scoped in the contract" in message
    assert messages(no_cluster_scoped_object, thing, Powers(cluster_scoped=(kind,))) == []
    assert messages(no_cluster_scoped_object, thing, Powers(cluster_scoped=("Other",)))


@pytest.mark.parametrize(
    "token",
    [
        *("kubernetes:core/v1:ConfigMap", "kubernetes:core/v1:Secret", "kubernetes:core/v1:Pod"),
        *(f"{RBAC}:Role", f"{RBAC}:RoleBinding", "kubernetes:storage.k8s.io/v1:CSIStorageCapacity"),
        *("kubernetes:helm.sh/v4:Chart", "kubernetes:yaml/v2:ConfigGroup"),
        *("kubernetes:kustomize/v2:Directory", "pulumi:providers:kubernetes"),
        *("gcp:container/cluster:Cluster", "ssl:components:Laboratory", "random", ""),
    ],
)
def test_what_belongs_to_a_namespace_or_to_no_cluster_passes(token: str) -> None:
    assert messages(no_cluster_scoped_object, resource(token, {})) == []


def test_a_kind_that_nobody_knows_must_state_its_namespace() -> None:
    token = "kubernetes:example.org/v1:Widget"
    (message,) = messages(no_cluster_scoped_object, resource(token, {"metadata": {"name": "w"}}))
    assert "state metadata.namespace" in message
    for namespace in ("ssl", UNKNOWN):
        thing = resource(token, {"metadata": {"namespace": namespace}})
        assert messages(no_cluster_scoped_object, thing) == []


def role(**rule: Any) -> Any:
    return resource(f"{RBAC}:ClusterRole", {"rules": [rule]})


SECRETS = {"apiGroups": [""], "resources": ["secrets"]}
WIDE = [
    ({"apiGroups": ["*"], "resources": ["*"], "verbs": ["*"]}, "cluster_admin"),
    ({"apiGroups": [""], "resources": ["*/*"], "verbs": ["get", "*"]}, "cluster_admin"),
    ({**SECRETS, "verbs": ["get"]}, "cluster_secrets"),
    ({**SECRETS, "verbs": ["list", "watch"], "resourceNames": []}, "cluster_secrets"),
    ({"apiGroups": ["*"], "resources": ["pods", "secrets"], "verbs": ["*"]}, "cluster_secrets"),
    ({"apiGroups": [""], "resources": ["*"], "verbs": ["watch"]}, "cluster_secrets"),
]


@pytest.mark.parametrize(("rule", "power"), WIDE)
def test_a_wide_cluster_role_needs_the_power(rule: dict[str, Any], power: str) -> None:
    (message,) = messages(no_wide_cluster_role, role(**rule))
    assert "(rules[0])" in message
    assert f"powers.{power} in the contract" in message
    assert messages(no_wide_cluster_role, role(**rule), Powers.model_validate({power: True})) == []
    assert messages(no_wide_cluster_role, role(**rule), Powers(cluster_admin=True)) == []


@pytest.mark.parametrize(
    "rule",
    [
        {"apiGroups": ["*"], "resources": ["pods"], "verbs": ["*"]},
        {"apiGroups": ["apps"], "resources": ["*"], "verbs": ["get"]},
        {**SECRETS, "verbs": ["create"]},
        {**SECRETS, "verbs": ["get"], "resourceNames": ["one"]},
        {**SECRETS, "verbs": UNKNOWN},
        {**SECRETS, "verbs": ["get"], "resourceNames": UNKNOWN},
        {"nonResourceURLs": ["/metrics"], "verbs": ["get"]},
        {},
    ],
)
def test_a_narrow_cluster_role_passes(rule: dict[str, Any]) -> None:
    assert messages(no_wide_cluster_role, role(**rule)) == []


def test_the_same_rule_in_a_role_of_a_namespace_passes() -> None:
    thing = resource(f"{RBAC}:Role", {"rules": [WIDE[0][0]]})
    assert messages(no_wide_cluster_role, thing) == []


@pytest.mark.parametrize(
    ("name", "power"),
    [("cluster-admin", "cluster_admin"), ("admin", "cluster_secrets"), ("edit", "cluster_secrets")],
)
def test_binding_a_wide_built_in_role_needs_the_power(name: str, power: str) -> None:
    thing = resource(f"{RBAC}:ClusterRoleBinding", {"roleRef": {"name": name}})
    (message,) = messages(no_wide_cluster_role, thing)
    assert f"powers.{power} in the contract" in message
    assert messages(no_wide_cluster_role, thing, Powers.model_validate({power: True})) == []


@pytest.mark.parametrize(
    "thing",
    [
        resource(f"{RBAC}:ClusterRoleBinding", {"roleRef": {"name": "view"}}),
        resource(f"{RBAC}:RoleBinding", {"roleRef": {"name": "edit"}}),
    ],
)
def test_binding_a_narrow_role_passes(thing: Any) -> None:
    assert messages(no_wide_cluster_role, thing) == []


@pytest.mark.parametrize(
    ("spec", "path"),
    [
        ({"type": "NodePort"}, "spec.type"),
        ({"type": "LoadBalancer"}, "spec.type"),
        ({"externalIPs": ["10.0.0.1"]}, "spec.externalIPs"),
    ],
)
def test_a_service_reached_from_outside_needs_the_power(spec: dict[str, Any], path: str) -> None:
    thing = resource("kubernetes:core/v1:Service", {"spec": spec})
    (message,) = messages(no_external_service, thing)
    assert f"({path})" in message
    assert "powers.external_service in the contract" in message
    assert messages(no_external_service, thing, Powers(external_service=True)) == []


@pytest.mark.parametrize(
    "spec", [{}, {"type": "ClusterIP", "externalIPs": []}, {"type": UNKNOWN}, UNKNOWN]
)
def test_a_service_inside_the_cluster_passes(spec: Any) -> None:
    assert (
        messages(no_external_service, resource("kubernetes:core/v1:Service", {"spec": spec})) == []
    )


def test_a_helm_release_fails_and_a_chart_passes() -> None:
    (message,) = messages(no_opaque_release, resource("kubernetes:helm.sh/v3:Release", {}))
    assert "kubernetes.helm.v4.Chart" in message
    assert messages(no_opaque_release, resource("kubernetes:helm.sh/v4:Chart", {})) == []
