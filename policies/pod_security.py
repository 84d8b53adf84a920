"""What of a pod lies beyond the levels of Kubernetes' Pod Security Standards, as of 1.34.

https://kubernetes.io/docs/concepts/security/pod-security-standards/ lists the fields. The old
annotations of AppArmor and seccomp are left out: no supported release of Kubernetes reads them.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from policies.model import Node, Resource, containers, effective, pod_specs

_BASELINE_CAPABILITIES: Final = frozenset(
    (
        *("AUDIT_WRITE", "CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL", "MKNOD"),
        *("NET_BIND_SERVICE", "SETFCAP", "SETGID", "SETPCAP", "SETUID", "SYS_CHROOT"),
    )
)
_SELINUX_TYPES: Final = (
    *("", "container_t", "container_init_t", "container_kvm_t", "container_engine_t"),
)
_SAFE_SYSCTLS: Final = frozenset(
    (
        *("kernel.shm_rmid_forced", "net.ipv4.ip_local_port_range", "net.ipv4.tcp_syncookies"),
        *("net.ipv4.ip_unprivileged_port_start", "net.ipv4.ping_group_range"),
        *("net.ipv4.ip_local_reserved_ports", "net.ipv4.tcp_keepalive_time"),
        *("net.ipv4.tcp_fin_timeout", "net.ipv4.tcp_keepalive_intvl"),
        *("net.ipv4.tcp_keepalive_probes", "net.ipv4.tcp_rmem", "net.ipv4.tcp_wmem"),
    )
)
_RESTRICTED_VOLUMES: Final = frozenset(
    (
        *("configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "persistentVolumeClaim"),
        *("projected", "secret"),
    )
)
_HANDLERS: Final = (
    *("livenessProbe", "readinessProbe", "startupProbe"),
    *("lifecycle.postStart", "lifecycle.preStop"),
)


def beyond_baseline(resource: Resource) -> Iterator[Node]:
    """Iterate over the fields of a resource's pods that the level `baseline` forbids."""
    for spec in pod_specs(resource):
        for name in ("hostNetwork", "hostPID", "hostIPC"):
            if spec.child(name).value is True:
                yield spec.child(name)
        for volume in spec.child("volumes").items():
            folder = volume.child("hostPath")
            if folder.value is not None and not folder.unknown:
                yield folder
        for sysctl in spec.child("securityContext", "sysctls").items():
            name_field = sysctl.child("name")
            if name_field.given and name_field.text not in _SAFE_SYSCTLS:
                yield name_field
        yield from _baseline_context(spec.child("securityContext"))
        for container in containers(resource):
            yield from _baseline_container(container)


def _baseline_container(container: Node) -> Iterator[Node]:
    context = container.child("securityContext")
    if context.child("privileged").value is True:
        yield context.child("privileged")
    yield from _added(context, _BASELINE_CAPABILITIES)
    if context.child("procMount").given and context.child("procMount").text != "Default":
        yield context.child("procMount")
    yield from _baseline_context(context)
    for port in container.child("ports").items():
        if port.child("hostPort").given and port.child("hostPort").value != 0:
            yield port.child("hostPort")
    for handler in _HANDLERS:
        for action in ("httpGet", "tcpSocket"):
            host = container.child(*handler.split("."), action, "host")
            if host.given:
                yield host


def _baseline_context(context: Node) -> Iterator[Node]:
    """Judge what the security contexts of pods and containers have in common."""
    process = context.child("windowsOptions", "hostProcess")
    if process.value is True:
        yield process
    for profile in ("seccompProfile", "appArmorProfile"):
        if context.child(profile, "type").text == "Unconfined":
            yield context.child(profile, "type")
    options = context.child("seLinuxOptions")
    if options.child("type").given and options.child("type").text not in _SELINUX_TYPES:
        yield options.child("type")
    for name in ("user", "role"):
        if options.child(name).given:
            yield options.child(name)


def _added(context: Node, allowed: frozenset[str]) -> Iterator[Node]:
    added = context.child("capabilities", "add")
    if added.words() - allowed:
        yield added


def beyond_restricted(resource: Resource) -> Iterator[Node]:
    """Iterate over the fields that `restricted` forbids, or wants, beside those of `baseline`."""
    for spec in pod_specs(resource):
        for volume in spec.child("volumes").items():
            for kind, source in volume.entries():
                if kind not in _RESTRICTED_VOLUMES | {"name"} and source.value is not None:
                    yield volume.child(kind)
        user = spec.child("securityContext", "runAsUser")
        if _is_root(user):
            yield user
        for container in containers(resource):
            yield from _restricted_container(container, spec)


def _restricted_container(container: Node, spec: Node) -> Iterator[Node]:
    context = container.child("securityContext")
    escalation = context.child("allowPrivilegeEscalation")
    if escalation.value is not False and not escalation.unknown:
        yield escalation
    non_root = effective(container, spec, "runAsNonRoot")
    if non_root.value is not True and not non_root.unknown:
        yield non_root
    if _is_root(context.child("runAsUser")):
        yield context.child("runAsUser")
    profile = effective(container, spec, "seccompProfile", "type")
    if profile.value not in ("RuntimeDefault", "Localhost") and not profile.unknown:
        yield profile
    dropped = context.child("capabilities", "drop")
    if "ALL" not in dropped.words() and not dropped.unsettled:
        yield dropped
    yield from _added(context, frozenset({"NET_BIND_SERVICE"}))


def _is_root(user: Node) -> bool:
    return user.value == 0 and user.value is not False
