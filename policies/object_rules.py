"""Rules about objects other than pods: cluster scope, cluster roles, services, releases."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from policies.kinds import cluster_scoped
from policies.model import Node, Resource, Violation, violation

if TYPE_CHECKING:
    from policies.policy import Grants


def no_cluster_scoped_object(resource: Resource, grants: Grants) -> Iterator[Violation]:
    """Refuse objects outside any namespace, but for the kinds that the contract names.

    They concern every tenant of the cluster, and a site that gives namespaces only cannot carry
    them.
    """
    if resource.kind not in grants.powers.cluster_scoped and cluster_scoped(resource):
        yield violation(
            f"{resource.kind} {resource.name!r} is an object of the whole cluster",
            Node(resource.props, "kind"),
            "it concerns every tenant, and a namespace-only site cannot grant it",
            f"use a namespaced kind (and state metadata.namespace), or name {resource.kind} in "
            "powers.cluster_scoped in the contract",
        )


_READS: Final = frozenset({"get", "list", "watch", "*"})
_ALL_RESOURCES: Final = frozenset({"*", "*/*"})


def no_wide_cluster_role(resource: Resource, grants: Grants) -> Iterator[Violation]:
    """Refuse cluster roles that may do everything or read the Secrets of all namespaces.

    Whoever takes over the pod has its rights. Meant are a ClusterRole with all verbs on all
    resources or one that reads Secrets without naming them, and a ClusterRoleBinding to
    `cluster-admin`, `admin` or `edit`.
    """
    if grants.powers.cluster_admin or resource.group != "rbac.authorization.k8s.io":
        return
    if resource.kind == "ClusterRole":
        for rule in resource.root.child("rules").items():
            yield from _judge_rule(rule, grants)
    elif resource.kind == "ClusterRoleBinding":
        yield from _judge_binding(resource.root.child("roleRef", "name"), grants)


def _judge_rule(rule: Node, grants: Grants) -> Iterator[Violation]:
    verbs, resources = rule.child("verbs").words(), rule.child("resources").words()
    groups = rule.child("apiGroups").words()
    if "*" in verbs and resources & _ALL_RESOURCES:
        yield violation(
            "a cluster role may do everything to every resource",
            rule,
            "whoever takes over its pod owns the API group, or the cluster",
            "list the verbs and resources it needs, or grant powers.cluster_admin in the contract",
        )
    elif (
        not grants.powers.cluster_secrets
        and verbs & _READS
        and resources & (_ALL_RESOURCES | {"secrets"})
        and groups & {"", "*"}
        and not rule.child("resourceNames").given
        and not rule.child("resourceNames").unknown
    ):
        yield violation(
            "a cluster role reads the Secrets of every namespace",
            rule,
            "whoever takes over its pod has every tenant's credentials",
            "use a Role in the namespaces it serves, name the Secrets in resourceNames, or grant "
            "powers.cluster_secrets in the contract",
        )


def _judge_binding(role: Node, grants: Grants) -> Iterator[Violation]:
    if role.text == "cluster-admin":
        yield violation(
            "a service account is bound to cluster-admin",
            role,
            "whoever takes over its pod owns the cluster",
            "bind a role with what it needs, or grant powers.cluster_admin in the contract",
        )
    elif role.text in ("admin", "edit") and not grants.powers.cluster_secrets:
        yield violation(
            f"a service account is bound to {role.text} in every namespace",
            role,
            "that role reads every tenant's Secrets",
            "use a RoleBinding in the namespaces it serves, or grant powers.cluster_secrets in "
            "the contract",
        )


def no_external_service(resource: Resource, grants: Grants) -> Iterator[Violation]:
    """Refuse Services that are reached from outside the cluster around the ingress.

    Traffic from outside comes through the ingress, at one address and with TLS. Meant are the types
    NodePort and LoadBalancer, and `externalIPs`.
    """
    if grants.powers.external_service or (resource.group, resource.kind) != ("core", "Service"):
        return
    spec = resource.root.child("spec")
    type_, addresses = spec.child("type"), spec.child("externalIPs")
    why = "it bypasses the ingress with its TLS and its one address"
    remedy = "use type ClusterIP and an Ingress, or grant powers.external_service in the contract"
    if type_.text in ("NodePort", "LoadBalancer"):
        yield violation(f"the Service is of type {type_.text}", type_, why, remedy)
    if addresses.given:
        yield violation("the Service takes external addresses", addresses, why, remedy)


def no_opaque_release(resource: Resource, grants: Grants) -> Iterator[Violation]:  # noqa: ARG001
    """Refuse Helm releases, whose objects Helm creates unseen by any rule.

    A chart can hold anything that the other policies refuse. `kubernetes.helm.v4.Chart` takes the
    same charts, and each of its objects is judged.
    """
    if resource.group == "helm.sh" and resource.kind == "Release":
        yield violation(
            "a Helm Release creates its objects where no rule sees them",
            Node(resource.props, "chart"),
            "a chart could hold anything that the other rules refuse",
            "use kubernetes.helm.v4.Chart, whose objects become resources of their own",
        )
