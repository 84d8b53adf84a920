"""What all pods and claims of a site request together, against what the site offers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from typing import Any, Final

from sslab.catalogue.quantity import parse_quantity
from sslab.plan.model import PlannedResource, Total
from sslab.plan.pods import containers, mapping, mappings, pod_spec

CPU, MEMORY, GPU, STORAGE, PODS, FULLEST = (
    "cpu", "memory", "gpu", "storage", "pods", "pods in the fullest namespace",
)  # fmt: skip
NAMES: Final = (CPU, MEMORY, GPU, STORAGE, PODS, FULLEST)

Amounts = dict[str, Fraction]


def totals(
    now: Sequence[PlannedResource],
    before: Sequence[PlannedResource] | None,
    offers: Mapping[str, Any],
    capacity: Mapping[str, Any] | None = None,
) -> tuple[Total, ...]:
    """Return each total. `offers` are quantities: `cpu`, `memory`, `gpu`, `storage`, and `pods`,
    which a site grants to each namespace; `capacity` are those that the whole site has.
    """
    amounts = requested(now)
    earlier = requested(before) if before is not None else None
    offered = {**offers, FULLEST: offers.get(PODS), PODS: None}
    return tuple(
        Total(
            name,
            amounts[name],
            earlier[name] if earlier is not None else None,
            _quantity(offered.get(name)),
            _quantity((capacity or {}).get(name)),
        )
        for name in NAMES
    )


def requested(resources: Iterable[PlannedResource]) -> Amounts:
    """Return the amounts that resources request together, by name."""
    amounts: Amounts = defaultdict(Fraction)
    pods: dict[str, Fraction] = defaultdict(Fraction)
    for resource in resources:
        count = copies(resource)
        spec = pod_spec(resource)
        if spec is not None:
            pods[resource.namespace] += count
            for name, amount in pod_requests(spec).items():
                amounts[name] += count * amount
        for claim in _claims(resource):
            amounts[STORAGE] += count * _request(claim, "storage")
    amounts[PODS] = sum(pods.values(), Fraction(0))
    amounts[FULLEST] = max(pods.values(), default=Fraction(0))
    return amounts


def copies(resource: PlannedResource) -> int:
    """Return how many pods run at once: replicas, or the parallelism of a Job.

    A CronJob counts once, and a DaemonSet on one node: how many there are is the cluster's affair.
    """
    if resource.type in ("batch/Job", "batch/CronJob", "apps/DaemonSet", "core/Pod"):
        counted = resource.at("spec", "parallelism") if resource.type == "batch/Job" else 1
    else:
        counted = resource.at("spec", "replicas")
    return counted if isinstance(counted, int) else 1


def pod_requests(spec: Mapping[str, Any]) -> Amounts:
    """Return what one pod requests, as the scheduler reckons it.

    Its containers run together, with those of its init containers that go on (`restartPolicy:
    Always`); the others run before, one at a time beside those that go on already.
    """
    running: Amounts = defaultdict(Fraction)
    most: Amounts = defaultdict(Fraction)
    for container in containers(spec, "initContainers"):
        goes_on = container.get("restartPolicy") == "Always"
        for name, amount in _requests(container).items():
            most[name] = max(most[name], running[name] + amount)
            running[name] += amount if goes_on else 0
    for container in containers(spec, "containers"):
        for name, amount in _requests(container).items():
            running[name] += amount
    return {name: max(running[name], most[name]) for name in {*running, *most}}


def _requests(container: Mapping[str, Any]) -> Amounts:
    resources = mapping(container.get("resources"))
    stated = {**mapping(resources.get("limits")), **mapping(resources.get("requests"))}
    amounts: Amounts = defaultdict(Fraction)
    for name, quantity in stated.items():
        # accelerators have the names of their makers: nvidia.com/gpu, gpu.intel.com/i915
        known = GPU if "/" in name and "gpu" in name else name
        if known in (CPU, MEMORY, GPU):
            amounts[known] += _quantity(quantity) or 0
    return amounts


def _claims(resource: PlannedResource) -> list[Mapping[str, Any]]:
    if resource.type == "core/PersistentVolumeClaim":
        return [mapping(resource.at("spec"))]
    if resource.type == "apps/StatefulSet":
        templates = mappings(resource.at("spec", "volumeClaimTemplates"))
        return [mapping(template.get("spec")) for template in templates]
    return []


def _request(claim: Mapping[str, Any], name: str) -> Fraction:
    requests = mapping(mapping(claim.get("resources")).get("requests"))
    return _quantity(requests.get(name)) or Fraction(0)


def _quantity(text: Any) -> Fraction | None:
    try:
        return None if text is None else parse_quantity(str(text))
    except ValueError:
        return None  # such as a secret, or what only the cluster would refuse
