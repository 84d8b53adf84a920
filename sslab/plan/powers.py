"""The powers that a site's resources take: what reaches beyond their own pods and namespaces."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from sslab.kubernetes.kinds import cluster_scoped
from sslab.plan.model import PlannedResource, Power, Powers
from sslab.plan.pods import containers, mapping, mappings, pod_spec

SCOPE, PRIVILEGED, CAPABILITY, ROOT, HOST, PATH, ADDRESS, EGRESS, SECRET, CHART, IMAGE = (
    "cluster-scoped objects",
    "privileged containers",
    "added capabilities",
    "containers that run as root",
    "the node's network, processes and ports",
    "the node's folders",
    "addresses reached from outside",
    "hosts outside that pods reach",
    "secrets",
    "charts",
    "images",
)
KINDS: Final = (
    SCOPE, PRIVILEGED, CAPABILITY, ROOT, HOST, PATH, ADDRESS, EGRESS, SECRET, CHART, IMAGE,
)  # fmt: skip
"""The groups of powers, in the order in which a reviewer wants to see them."""

_HOST_NAMESPACES: Final = ("hostNetwork", "hostPID", "hostIPC")
_BALANCER_ANNOTATIONS: Final = ("metallb", "loadbalancer", "load-balancer", "kube-vip")

Egress = Mapping[str, Sequence[str]]
"""Hosts outside that pods reach, and who needs each."""


def taken(resources: Iterable[PlannedResource], egress: Egress) -> tuple[Power, ...]:
    """Return the powers that resources take, sorted; `egress` is known from contracts and site."""
    found = {Power(EGRESS, host, ", ".join(sorted(who))) for host, who in egress.items()}
    for resource in resources:
        for kind, what in _of(resource):
            who = resource.label if kind not in (SCOPE, SECRET, CHART) else _owner(resource)
            found.add(Power(kind, what, who))
    return tuple(sorted(found, key=lambda each: (KINDS.index(each.kind), each)))


def against(before: Sequence[Power] | None, now: Sequence[Power]) -> Powers:
    """Return the powers taken now, and how they differ from those before, if those are known."""
    if before is None:
        return Powers(tuple(now))
    return Powers(
        tuple(now),
        tuple(power for power in now if power not in set(before)),
        tuple(power for power in before if power not in set(now)),
    )


def _owner(resource: PlannedResource) -> str:
    """Return the component around a resource: `Ingress`, empty where there is none."""
    types = resource.key.partition("::")[0].split("$")[:-1]
    return next((each.rpartition(":")[2] for each in reversed(types) if each[:4] == "ssl:"), "")


def _of(resource: PlannedResource) -> Iterator[tuple[str, str]]:
    if cluster_scoped(resource.group, resource.kind, resource.metadata.get("namespace")):
        yield SCOPE, resource.label
    spec = pod_spec(resource)
    if spec is not None:
        yield from _of_pod(spec)
    match resource.type:
        case "core/Service":
            yield from _of_service(resource)
        case "core/Secret":
            keys = {*mapping(resource.at("data")), *mapping(resource.at("stringData"))}
            yield SECRET, f"{resource.label.partition(' ')[2]}: {', '.join(sorted(keys)) or '-'}"
        case "core/PersistentVolume":
            for source in ("hostPath", "local"):
                if path := mapping(resource.at("spec", source)).get("path"):
                    yield PATH, str(path)
        case "metallb.io/IPAddressPool":
            for addresses in resource.at("spec", "addresses") or ():
                yield ADDRESS, f"MetalLB pool {addresses}"
        case "helm.sh/Chart" | "helm.sh/Release":
            yield CHART, _chart(resource)


def _of_pod(spec: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name in _HOST_NAMESPACES:
        if spec.get(name) is True:
            yield HOST, name
    for volume in mappings(spec.get("volumes")):
        if path := mapping(volume.get("hostPath")).get("path"):
            yield PATH, str(path)
    pod_user = mapping(spec.get("securityContext")).get("runAsUser")
    for container in containers(spec):
        name = f"container {container.get('name')}"
        security = mapping(container.get("securityContext"))
        if security.get("privileged") is True:
            yield PRIVILEGED, name
        for capability in mapping(security.get("capabilities")).get("add") or ():
            yield CAPABILITY, f"{capability} of {name}"
        if security.get("runAsUser", pod_user) == 0:
            yield ROOT, name
        for port in mappings(container.get("ports")):
            if port.get("hostPort"):
                yield HOST, f"port {port['hostPort']}"
        if image := container.get("image"):
            yield IMAGE, str(image)


def _of_service(service: PlannedResource) -> Iterator[tuple[str, str]]:
    spec = mapping(service.at("spec"))
    if spec.get("type") in ("NodePort", "LoadBalancer"):
        ports = [
            f"{port.get('nodePort') or port.get('port')}" for port in mappings(spec.get("ports"))
        ]
        address = spec.get("loadBalancerIP")
        at = f" at {address}" if address else ""
        yield ADDRESS, f"{spec['type']}{at}, ports {', '.join(ports) or '-'}"
        for name, value in mapping(service.metadata.get("annotations")).items():
            if any(word in name.lower() for word in _BALANCER_ANNOTATIONS):
                yield ADDRESS, f"{name}: {value}"
    for address in spec.get("externalIPs") or ():
        yield ADDRESS, f"external address {address}"


def _chart(resource: PlannedResource) -> str:
    """Return a chart with where it is from and what pins it."""
    source = mapping(resource.at("repositoryOpts")).get("repo")
    chart = f"{resource.at('chart')}" + (f" of {source}" if source else "")
    version = resource.at("version")
    pinned = "" if "@sha256:" in f"{resource.at('chart')} {version}" else ", no digest"
    return f"{chart}, version {version or 'not stated'}{pinned}"
