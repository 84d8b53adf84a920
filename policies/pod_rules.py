"""Rules about what pods may do to the node that they run on."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from policies.model import UNKNOWN, Node, Resource, containers, label, pod_specs, violation

if TYPE_CHECKING:
    from sslab.catalogue.contract import Powers


def no_privileged_container(resource: Resource, powers: Powers) -> Iterator[str]:
    """Refuse privileged containers."""
    for container in containers(resource):
        field = container.child("securityContext", "privileged")
        if field.value is True and not powers.privileged:
            yield violation(
                f"{label(container)} is privileged",
                field,
                "it can take over the node and every pod on it",
                "remove the field, or grant powers.privileged in the contract",
            )


def no_privilege_escalation(resource: Resource, powers: Powers) -> Iterator[str]:
    """Require `allowPrivilegeEscalation: false`; Kubernetes' default is true."""
    if powers.privileged:
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


def no_host_path(resource: Resource, powers: Powers) -> Iterator[str]:
    """Refuse volumes that are folders of the node, in pods and in persistent volumes."""
    if powers.host_path:
        return
    fields = [
        volume.child("hostPath")
        for spec in pod_specs(resource)
        for volume in spec.child("volumes").items()
    ]
    if resource.kind == "PersistentVolume":
        fields += [resource.root.child("spec", source) for source in ("hostPath", "local")]
    for field in fields:
        if field.value is not None and not field.unknown:
            yield violation(
                "a volume is a folder of the node",
                field,
                "it reads or writes what other tenants and the node keep there",
                "use a persistent volume claim or emptyDir, or grant powers.host_path in the "
                "contract",
            )


def no_host_namespace(resource: Resource, powers: Powers) -> Iterator[str]:
    """Refuse the node's network, process and IPC namespaces."""
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


def no_host_port(resource: Resource, powers: Powers) -> Iterator[str]:
    """Refuse ports opened on the node itself."""
    if powers.host_network:
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


def no_added_capability(resource: Resource, powers: Powers) -> Iterator[str]:
    """Require that all Linux capabilities are dropped and none but the contract's are added."""
    if powers.privileged:
        return
    for container in containers(resource):
        capabilities = container.child("securityContext", "capabilities")
        dropped, added = capabilities.child("drop"), capabilities.child("add")
        if "ALL" not in dropped.words() and not _unsettled(dropped):
            yield violation(
                f"{label(container)} keeps the container runtime's default capabilities",
                dropped,
                "Pod Security `restricted` refuses it",
                'set it to ["ALL"], or grant powers.privileged in the contract',
            )
        for name in sorted(added.words() - set(powers.capabilities)):
            yield violation(
                f"{label(container)} adds the capability {name}",
                added,
                "each capability is a part of what root may do on the node",
                "remove it, or name it in powers.capabilities in the contract",
            )


def no_root_user(resource: Resource, powers: Powers) -> Iterator[str]:
    """Require `runAsNonRoot: true` and refuse `runAsUser: 0`; a container's own value wins."""
    if powers.run_as_root:
        return
    for spec in pod_specs(resource):
        for container in containers(resource):
            user = _effective(container, spec, "runAsUser")
            if user.value == 0 and user.value is not False:
                yield violation(
                    f"{label(container)} runs as root",
                    user,
                    "root in a container is root on the node if it breaks out",
                    "set another uid such as 65532, or grant powers.run_as_root in the contract",
                )
            non_root = _effective(container, spec, "runAsNonRoot")
            if non_root.value is not True and not non_root.unknown:
                yield violation(
                    f"{label(container)} may run as root",
                    non_root,
                    "its image decides, and may change",
                    "set it to true, or grant powers.run_as_root in the contract",
                )


_SECCOMP: Final = ("RuntimeDefault", "Localhost")


def seccomp_profile(resource: Resource, powers: Powers) -> Iterator[str]:
    """Require the seccomp profile `RuntimeDefault` (or a local one, which is stricter)."""
    if powers.privileged:
        return
    for spec in pod_specs(resource):
        for container in containers(resource):
            field = _effective(container, spec, "seccompProfile", "type")
            if field.value not in _SECCOMP and not field.unknown:
                yield violation(
                    f"{label(container)} runs without a seccomp profile",
                    field,
                    "it may make every system call of the node's kernel",
                    "set it to RuntimeDefault, or grant powers.privileged in the contract",
                )


def no_idle_token(resource: Resource, powers: Powers) -> Iterator[str]:  # noqa: ARG001
    """Require that a pod without a service account of its own mounts no API token."""
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


def _effective(container: Node, spec: Node, *keys: str) -> Node:
    """Return the container's own security setting where it has one, else the pod's."""
    own = Node(container.value, container.path).child("securityContext", *keys)
    return own if own.value is not None else spec.child("securityContext", *keys)


def _unsettled(field: Node) -> bool:
    """Tell whether a list or one of its elements is not known yet."""
    return field.unknown or any(node.value is UNKNOWN for node in field.items())
