"""Rules about what pods may do to the node that they run on."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from policies.model import (
    Resource,
    Violation,
    containers,
    effective,
    label,
    node_folders,
    pod_specs,
    violation,
)

if TYPE_CHECKING:
    from policies.policy import Grants


def no_privileged_container(resource: Resource, grants: Grants) -> Iterator[Violation]:
    """Refuse privileged containers.

    A privileged container can take over its node, and with the node every pod on it.
    """
    for container in containers(resource):
        field = container.child("securityContext", "privileged")
        if field.value is True and not grants.powers.privileged:
            yield violation(
                f"{label(container)} is privileged",
                field,
                "it can take over the node and every pod on it",
                "remove the field, or grant powers.privileged in the contract",
            )


def no_privilege_escalation(resource: Resource, grants: Grants) -> Iterator[Violation]:
    """Require `allowPrivilegeEscalation: false`; Kubernetes' default is true.

    Otherwise a set-uid program in the image makes its process root.
    """
    if grants.powers.privileged:
        return
    for container in containers(resource):
        field = container.child("securityContext", "allowPrivilegeEscalation")
        if field.value is not False and not field.unknown:
            yield violation(
                f"{label(container)} may gain privileges",
                field,
                "a set-uid program in its image would make it root",
                "set it to false, or grant powers.privileged in the contract",
            )


def no_host_path(resource: Resource, grants: Grants) -> Iterator[Violation]:
    """Refuse volumes that are folders of the node, in pods and in persistent volumes.

    The node's files belong to the node and to other tenants. In a pod that is `hostPath`, in a
    PersistentVolume `hostPath` and `local`.
    """
    if grants.powers.host_path:
        return
    for folder in node_folders(resource):
        yield violation(
            "a volume is a folder of the node",
            folder,
            "it reads or writes what other tenants and the node keep there",
            "use a persistent volume claim or emptyDir, or grant powers.host_path in the contract",
        )


def no_host_namespace(resource: Resource, grants: Grants) -> Iterator[Violation]:
    """Refuse the node's network, process and IPC namespaces.

    With `hostNetwork`, `hostPID` or `hostIPC` a pod sees and reaches what runs outside of it.
    """
    powers = grants.powers
    allowed = {"hostNetwork": powers.host_network, "hostPID": powers.host_pid, "hostIPC": False}
    remedies = {
        "hostNetwork": "remove the field, or grant powers.host_network in the contract",
        "hostPID": "remove the field, or grant powers.host_pid in the contract",
        "hostIPC": "remove the field; no contract can grant it",
    }
    for spec in pod_specs(resource):
        for name, permitted in allowed.items():
            field = spec.child(name)
            if field.value is True and not permitted:
                yield violation(
                    f"the pod shares the node's namespace by {name}",
                    field,
                    "it sees and reaches what runs outside its own container",
                    remedies[name],
                )


def no_host_port(resource: Resource, grants: Grants) -> Iterator[Violation]:
    """Refuse ports opened on the node itself.

    A `hostPort` bypasses the ingress, and two pods that want the same one collide.
    """
    if grants.powers.host_network:
        return
    for container in containers(resource):
        for port in container.child("ports").items():
            field = port.child("hostPort")
            if field.value and not field.unknown:
                yield violation(
                    f"{label(container)} opens a port on the node",
                    field,
                    "it bypasses the ingress and collides with other pods",
                    "use a Service, or grant powers.host_network in the contract",
                )


def no_added_capability(resource: Resource, grants: Grants) -> Iterator[Violation]:
    """Require that all Linux capabilities are dropped and none but the contract's are added.

    Each capability is a part of what root may do on the node; a container runtime gives some of
    them to every container that does not state `capabilities.drop: [ALL]`.
    """
    if grants.powers.privileged:
        return
    for container in containers(resource):
        capabilities = container.child("securityContext", "capabilities")
        dropped, added = capabilities.child("drop"), capabilities.child("add")
        if "ALL" not in dropped.words() and not dropped.unsettled:
            yield violation(
                f"{label(container)} keeps the container runtime's default capabilities",
                dropped,
                "Pod Security `restricted` refuses it",
                'set it to ["ALL"], or grant grants.powers.privileged in the contract',
            )
        for name in sorted(added.words() - set(grants.powers.capabilities)):
            yield violation(
                f"{label(container)} adds the capability {name}",
                added,
                "each capability is a part of what root may do on the node",
                "remove it, or name it in powers.capabilities in the contract",
            )


def no_root_user(resource: Resource, grants: Grants) -> Iterator[Violation]:
    """Require `runAsNonRoot: true` and refuse `runAsUser: 0`; a container's own value wins.

    Root in a container is root on the node if it breaks out.
    """
    if grants.powers.run_as_root:
        return
    for spec in pod_specs(resource):
        for container in containers(resource):
            user = effective(container, spec, "runAsUser")
            if user.value == 0 and user.value is not False:
                yield violation(
                    f"{label(container)} runs as root",
                    user,
                    "root in a container is root on the node if it breaks out",
                    "set another uid such as 65532, or grant powers.run_as_root in the contract",
                )
            non_root = effective(container, spec, "runAsNonRoot")
            if non_root.value is not True and not non_root.unknown:
                yield violation(
                    f"{label(container)} may run as root",
                    non_root,
                    "its image decides, and may change",
                    "set it to true, or grant powers.run_as_root in the contract",
                )


_SECCOMP: Final = ("RuntimeDefault", "Localhost")


def seccomp_profile(resource: Resource, grants: Grants) -> Iterator[Violation]:
    """Require the seccomp profile `RuntimeDefault` (or a local one, which is stricter).

    Without one every system call of the node's kernel is open to the container.
    """
    if grants.powers.privileged:
        return
    for spec in pod_specs(resource):
        for container in containers(resource):
            field = effective(container, spec, "seccompProfile", "type")
            if field.value not in _SECCOMP and not field.unknown:
                yield violation(
                    f"{label(container)} runs without a seccomp profile",
                    field,
                    "it may make every system call of the node's kernel",
                    "set it to RuntimeDefault, or grant powers.privileged in the contract",
                )


def no_idle_token(resource: Resource, grants: Grants) -> Iterator[Violation]:  # noqa: ARG001
    """Require that a pod without a service account of its own mounts no API token.

    A pod that never calls the API server needs no key to it: it states
    `automountServiceAccountToken: false`. One that does call names its own account.
    """
    for spec in pod_specs(resource):
        account = spec.child("serviceAccountName")
        field = spec.child("automountServiceAccountToken")
        if account.value not in (None, "", "default") or field.unknown:
            continue
        if field.value is not False:
            yield violation(
                "the pod mounts a token of the namespace's default service account",
                field,
                "whoever takes over the pod speaks to the API server with it",
                "set it to false, or name a service account of its own in serviceAccountName",
            )
