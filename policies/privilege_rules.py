"""Rules about the powers that the site gives, whatever a component's contract says."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from policies.kinds import cluster_scoped, is_object
from policies.model import Node, Resource, Violation, containers, label, node_folders, violation
from policies.pod_security import beyond_baseline, beyond_restricted

if TYPE_CHECKING:
    from policies.policy import Grants

_AGREED: Final = "in the site file, if the cluster's administrators agree"


def site_scope(resource: Resource, grants: Grants) -> Iterator[Violation]:
    """Keep to the site's namespaces, where it gives the laboratory no more than namespaces.

    With `privilege.scope: namespace` the laboratory is a guest in namespaces that exist already: it
    has no right to make anything else, and should find that out here rather than halfway through a
    deployment.
    """
    privilege = grants.site.privilege
    if privilege.scope == "cluster" or not is_object(resource):
        return
    if cluster_scoped(resource):
        yield violation(
            f"{resource.kind} {resource.name!r} is an object of the whole cluster",
            Node(resource.props, "kind"),
            f"{grants.site_file} gives the laboratory namespaces only",
            f"leave it out, or set privilege.scope: cluster {_AGREED}",
        )
        return
    field = resource.root.child("metadata", "namespace")
    if field.unknown or field.value in privilege.namespaces:
        return
    known = ", ".join(privilege.namespaces) or "none yet"
    yield violation(
        f"{resource.kind} {resource.name!r} is in the namespace {field.value}"
        if field.text
        else f"{resource.kind} {resource.name!r} states no namespace",
        field,
        f"{grants.site_file} gives the laboratory certain namespaces only ({known})",
        f"move it to one of them, or add its namespace to privilege.namespaces {_AGREED}",
    )


def site_crds(resource: Resource, grants: Grants) -> Iterator[Violation]:
    """Refuse new kinds of objects where the site does not give the right to define them.

    A CustomResourceDefinition is there for the whole cluster: two tenants cannot have different
    versions of it, and deleting it deletes everybody's objects of that kind.
    """
    is_one = (resource.group, resource.kind) == ("apiextensions.k8s.io", "CustomResourceDefinition")
    if is_one and not grants.site.privilege.crds:
        yield violation(
            f"CustomResourceDefinition {resource.name!r} defines a kind of objects",
            Node(resource.props, "kind"),
            f"{grants.site_file} does not give the right to do that",
            f"ask the administrators to install it, or set privilege.crds: true {_AGREED}",
        )


def site_privileged(resource: Resource, grants: Grants) -> Iterator[Violation]:
    """Refuse privileged containers where the site does not give them.

    A contract says what its software needs; whether a cluster carries that is for the people who
    run it to say.
    """
    if grants.site.privilege.privileged:
        return
    for container in containers(resource):
        field = container.child("securityContext", "privileged")
        if field.value is True:
            yield violation(
                f"{label(container)} is privileged",
                field,
                f"{grants.site_file} does not give the right to run it",
                f"remove the field, or set privilege.privileged: true {_AGREED}",
            )


def site_host_path(resource: Resource, grants: Grants) -> Iterator[Violation]:
    """Refuse volumes that are folders of the node where the site does not give them.

    A contract says what its software needs; whose files lie on the nodes, only the people who run
    them know.
    """
    if grants.site.privilege.host_path:
        return
    for folder in node_folders(resource):
        yield violation(
            "a volume is a folder of the node",
            folder,
            f"{grants.site_file} does not give those",
            "use a persistent volume claim or emptyDir, or set privilege.host_path: true "
            f"{_AGREED}",
        )


def site_pod_security(resource: Resource, grants: Grants) -> Iterator[Violation]:
    """Keep pods within the level of Pod Security that the site allows.

    The cluster would refuse the pods, not the Deployment that makes them: the deployment would
    wait for pods that never come. What the levels hold is at
    https://kubernetes.io/docs/concepts/security/pod-security-standards/.
    """
    allowed = grants.site.privilege.pod_security
    if allowed in (None, "privileged"):
        return
    fields = list(beyond_baseline(resource))
    needed = "privileged" if fields else "baseline"
    if allowed == "restricted":
        fields += beyond_restricted(resource)
    if fields:
        paths = ", ".join(dict.fromkeys(field.path for field in fields))
        yield violation(
            f"the pod needs the level {needed} of Pod Security",
            fields[0],
            f"{grants.site_file} allows {allowed}",
            f"change {paths}, or set privilege.pod_security: {needed} {_AGREED}",
        )
