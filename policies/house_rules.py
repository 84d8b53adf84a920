"""The site's own house rules: `rules` in the site file."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import TYPE_CHECKING, Final

from policies.container_rules import number
from policies.model import Node, Resource, Violation, containers, label, pod_spec, violation
from sslab.catalogue.quantity import bytes_text, cores_text, parse_quantity

if TYPE_CHECKING:
    from policies.policy import Grants
    from sslab.site.agreement import BarePods

_AT_ONCE: Final = frozenset({"Deployment", "StatefulSet", "ReplicaSet", "ReplicationController"})
"""Whose pods have to be there at once; those of a Job come one after the other, if need be."""

_ACCELERATORS: Final = frozenset({"nvidia.com/gpu", "amd.com/gpu"})
_STEP: Final = {"cpu": Fraction(1, 1000), "memory": Fraction(2**20)}


def limits_within_requests(resource: Resource, grants: Grants) -> Iterator[Violation]:
    """Keep limits for CPU and memory as close to the requests as the site wants them.

    The scheduler fills nodes by the requests. A pod that may use much more than it asked for takes
    it from its neighbours, so large shared clusters bound the difference.
    """
    percent = grants.site.rules.limits_over_requests_percent
    if percent is None:
        return
    for container in containers(resource):
        for unit in ("cpu", "memory"):
            field = container.child("resources", "limits", unit)
            request = number(container.child("resources", "requests", unit).value)
            limit = number(field.value)
            if request is None or limit is None or limit * 100 <= request * (100 + percent):
                continue
            most = max(request, _whole(request * (100 + percent) / 100, unit))
            yield violation(
                f"{label(container)} has a {unit} limit more than {percent} % above its request",
                field,
                f"{grants.site_file} allows no more (rules.limits_over_requests_percent)",
                f"raise the request, or lower the limit to {_text(most, unit)}",
            )


def requests_within_quota(resource: Resource, grants: Grants) -> Iterator[Violation]:
    """Keep what the pods of a workload request within what their namespace may.

    Kubernetes makes no pod that would go beyond the quota, and tells it to nobody but in an event:
    a deployment waits ten minutes for such a pod, and then ends without the reason. What counts is
    one pod, or all the replicas that have to be there at once.
    """
    spec, quota = pod_spec(resource), grants.site.quota
    if spec is None or quota is None:
        return
    stated = number(resource.root.child("spec", "replicas").value)
    count = stated if resource.kind in _AT_ONCE and stated is not None else Fraction(1)
    for unit in ("cpu", "memory"):
        most: str = getattr(grants.share or quota, unit)
        asked = count * _asked(spec, frozenset({unit}))
        if asked <= parse_quantity(most):
            continue
        pods = "the pod requests" if count == 1 else f"the {count} pods request"
        leaves = f"{grants.site_file} leaves them {most}"
        if grants.share:
            leaves += f", the pattern's part of quota.{unit} ({getattr(quota, unit)})"
        else:
            leaves += f" (quota.{unit})"
        yield violation(
            f"{pods} {_text(asked, unit)} {unit}",
            spec.child("containers"),
            leaves,
            f"ask for less in the settings of the pattern, or raise quota.{unit}",
        )


def no_long_bare_pod(resource: Resource, grants: Grants) -> Iterator[Violation]:
    """Keep a pod that no controller owns as short and small as the site wants it.

    Nothing starts such a pod again where its node fails, so sites keep them for trying things out,
    and delete them after some hours. The pods of a Deployment, a Job and the like are not meant.
    """
    rule = grants.site.rules.bare_pods
    spec = pod_spec(resource)
    if rule is None or spec is None or resource.kind != "Pod":
        return
    seconds = rule.hours * 3600
    deadline = spec.child("activeDeadlineSeconds")
    stated = number(deadline.value)
    if not deadline.unknown and (stated is None or not 0 < stated <= seconds):
        yield violation(
            f"the pod has no controller and no deadline within {rule.hours} h",
            deadline,
            f"{grants.site_file} says that the site deletes it then (rules.bare_pods.hours)",
            f"make it a Job or a Deployment, or set the deadline to {seconds} or less",
        )
    yield from _bare_size(spec, rule, grants)


def _bare_size(spec: Node, rule: BarePods, grants: Grants) -> Iterator[Violation]:
    accelerators = _ACCELERATORS | {gpu.resource for gpu in grants.site.gpus}
    for field, most in (("cpu", rule.cpu), ("memory", rule.memory), ("gpu", rule.gpu)):
        if most is None:
            continue
        asked = _asked(spec, accelerators if field == "gpu" else frozenset({field}))
        if asked > parse_quantity(str(most)):
            yield violation(
                f"the pod has no controller and requests {_text(asked, field)} {field}",
                spec.child("containers"),
                f"{grants.site_file} allows {most} (rules.bare_pods.{field})",
                "make it a Job or a Deployment, or request less",
            )


def _asked(spec: Node, names: frozenset[str]) -> Fraction:
    """Return what a pod requests as the scheduler counts it, without what is not known yet.

    Containers count together, and so do the init containers that keep running; of the other init
    containers the largest.
    """
    together, largest = Fraction(0), Fraction(0)
    for container in spec.child("containers").items():
        together += _request(container, names)
    for container in spec.child("initContainers").items():
        if container.child("restartPolicy").text == "Always":
            together += _request(container, names)
        else:
            largest = max(largest, _request(container, names))
    return max(together, largest)


def _request(container: Node, names: frozenset[str]) -> Fraction:
    """Return what a container requests; where it states only a limit, Kubernetes takes that."""
    resources = container.child("resources")
    stated = dict(resources.child("limits").entries()) | dict(resources.child("requests").entries())
    amounts = [number(amount.value) for name, amount in stated.items() if name in names]
    return sum((amount for amount in amounts if amount is not None), Fraction(0))


def _whole(amount: Fraction, unit: str) -> Fraction:
    """Return the amount in whole thousandths of a core or whole Mi, rounded down."""
    return amount // _STEP[unit] * _STEP[unit]


def _text(amount: Fraction, unit: str) -> str:
    return bytes_text(amount) if unit == "memory" else cores_text(amount)
