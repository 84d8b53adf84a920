"""What the contracts say is what the patterns take: their objects at default settings add up to it.

So an administrator can believe `pattern.yaml`, and a site that gives one namespace is never offered
a pattern that makes a ClusterRole.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

import pytest

from patterns.event_processing.component import MOST_REPLICAS
from patterns.notebooks.component import SERVERS
from sslab.catalogue.loading import load_contracts
from sslab.catalogue.quantity import parse_quantity, total
from sslab.kubernetes.kinds import cluster_scoped
from tests.components.recording import ROOT, Recorded, record_laboratory, site

CONTRACTS = load_contracts(ROOT)
# the objects of a published chart are made when it is deployed: the test of such a pattern adds up
# what its values say
EVERY = pytest.mark.parametrize(
    "pattern", sorted(name for name, contract in CONTRACTS.items() if not contract.charts)
)
CLAIMS = "volumeClaimTemplates"
LARGE: Mapping[str, Any] = {
    "quota": {"cpu": "1000", "memory": "4000Gi", "pods": 1000},
    "storage": {"capacity": "1000Ti", "rwx_class": "shared"},
    "privilege": {"scope": "cluster", "crds": True, "privileged": True, "host_path": True},
}
IDENTITY = {"issuer": "https://login.example.edu", "client": "laboratory"}


@cache
def objects(pattern: str) -> tuple[Recorded, ...]:
    """Return what a pattern makes at a site that has all that it needs, and runs no other.

    The login in front of it is not its own: sslab.catalogue.layers counts that.
    """
    needs = CONTRACTS[pattern].needs
    chosen: dict[str, Any] = {**LARGE, "patterns": {pattern: {}}}
    chosen["object_storage"] = {"kind": "seaweedfs", "capacity": "5Gi", "buckets": [pattern]}
    if needs.gpu:
        chosen["gpus"] = [{"resource": needs.gpu_resource, "count": 1000}]
    if needs.login:
        chosen["identity"] = IDENTITY
    if needs.cvmfs:
        chosen["cvmfs"] = {"kind": "host", "repositories": list(needs.cvmfs)}
    recording = record_laboratory(site(**chosen), contracts={pattern: CONTRACTS[pattern]})
    return tuple(
        each
        for each in recording.objects()
        if "$ssl:patterns:" in each.urn and not _is_login(each, pattern)
    )


def _is_login(each: Recorded, pattern: str) -> bool:
    return str(each.metadata.get("name")).startswith(f"{pattern}-login")


def pods(pattern: str) -> Iterator[tuple[dict[str, Any], int]]:
    """Yield the specification of the pods of each object, and how many run at once."""
    for each in objects(pattern):
        spec = each.props.get("spec", {})
        if each.kind == "CronJob":
            spec = spec["jobTemplate"]["spec"]
        if "template" in spec and "containers" in spec["template"].get("spec", {}):
            at_once = spec.get("replicas", spec.get("parallelism") or 1)
            # of a Deployment that is scaled by what the pattern has to do
            at_once = int((each.metadata.get("annotations") or {}).get(MOST_REPLICAS, at_once))
            yield spec["template"]["spec"], min(at_once, spec.get("completions") or at_once)


def requested(pod: dict[str, Any], resource: str) -> list[str]:
    """Return what a pod requests: its containers together, or more where it starts with more."""
    running = [_request(each, resource) for each in pod["containers"]]
    first = [_request(each, resource) for each in pod.get("initContainers") or ()]
    largest = max(map(parse_quantity, first), default=parse_quantity("0"))
    return running if total(running) >= largest else [max(first, key=parse_quantity)]


def _request(container: dict[str, Any], resource: str) -> str:
    resources = container.get("resources") or {}
    for kind in (
        "requests",
        "limits",
    ):  # Kubernetes takes a limit for the request that is not there
        if resource in (resources.get(kind) or {}):
            return str(resources[kind][resource])
    return "0"


def taken(pattern: str, resource: str) -> Any:
    amounts = [
        amount for pod, at_once in pods(pattern) for amount in requested(pod, resource) * at_once
    ]
    return total([*amounts, *(each for of in servers(pattern) for each in of.get(resource, ()))])


def servers(pattern: str) -> list[dict[str, Any]]:
    """Return what pods that the pattern makes by itself take together, as it tells."""
    told = [(each.metadata.get("annotations") or {}).get(SERVERS) for each in objects(pattern)]
    return [json.loads(each) for each in told if each]


@EVERY
def test_cpu_memory_and_accelerators_are_what_the_pods_request(pattern: str) -> None:
    needs = CONTRACTS[pattern].needs
    for field, resource, told in (
        ("cpu", "cpu", needs.cpu),
        ("memory", "memory", needs.memory),
        ("gpu", needs.gpu_resource, str(needs.gpu)),
    ):
        found = taken(pattern, resource)
        assert parse_quantity(told) == found, (
            f"{pattern}: needs.{field} is {told}, its pods request {float(found):g} together"
        )


@EVERY
def test_storage_is_what_the_claims_ask_for(pattern: str) -> None:
    needs = CONTRACTS[pattern].needs
    claims = [each.spec for each in objects(pattern) if each.kind == "PersistentVolumeClaim"]
    claims += [
        claim["spec"]
        for each in objects(pattern)
        for claim in each.props.get("spec", {}).get(CLAIMS) or ()
        for _ in range(each.spec.get("replicas", 1))
    ]
    claims += [
        {"accessModes": [volume["mode"]], "resources": {"requests": {"storage": volume["size"]}}}
        for of in servers(pattern)
        for volume in of["volumes"]
    ]
    told = Counter((each.access_mode, parse_quantity(each.size)) for each in needs.storage)
    asked = Counter(
        (spec["accessModes"][0], parse_quantity(spec["resources"]["requests"]["storage"]))
        for spec in claims
        if not needs.cvmfs or "cvmfs" not in str(spec.get("storageClassName"))
    )
    assert asked == told


@EVERY
def test_powers_over_the_cluster_are_those_that_it_takes(pattern: str) -> None:
    kinds = {each.kind for each in objects(pattern) if cluster_scoped(*_group(each))}
    assert kinds == set(CONTRACTS[pattern].powers.cluster_scoped)


def _group(each: Recorded) -> tuple[str, str, object]:
    group = each.token.split(":")[1].rpartition("/")[0]
    return group or "core", each.kind, each.namespace


@EVERY
def test_powers_of_pods_are_those_that_they_take(pattern: str) -> None:
    powers = CONTRACTS[pattern].powers
    specs = [pod for pod, _ in pods(pattern)]
    containers = [
        container
        for pod in specs
        for container in (*pod["containers"], *(pod.get("initContainers") or ()))
    ]
    contexts = [each.get("securityContext") or {} for each in containers]
    volumes = [volume for pod in specs for volume in pod.get("volumes") or ()]
    added = {
        name for each in contexts for name in (each.get("capabilities") or {}).get("add") or ()
    }
    assert {
        "privileged": any(each.get("privileged") for each in contexts),
        "capabilities": added,
        "host_path": any("hostPath" in volume for volume in volumes),
        "host_network": any(pod.get("hostNetwork") for pod in specs),
        "host_pid": any(pod.get("hostPID") for pod in specs),
        "run_as_root": any(each.get("runAsUser") == 0 for each in (*contexts, *specs)),
    } == {
        **powers.model_dump(
            include={"privileged", "host_path", "host_network", "host_pid", "run_as_root"}
        ),
        "capabilities": set(powers.capabilities),
    }


@EVERY
def test_needs_of_ingress_and_bucket_are_those_that_it_uses(pattern: str) -> None:
    needs = CONTRACTS[pattern].needs
    routes = [each for each in objects(pattern) if each.kind in ("Ingress", "HTTPRoute")]
    assert bool(routes) == needs.ingress
    keys = [each for each in objects(pattern) if each.metadata.get("name") == f"{pattern}-s3"]
    assert bool(keys) == needs.object_storage


@EVERY
def test_nothing_passes_because_nothing_was_looked_at(pattern: str) -> None:
    assert list(pods(pattern))
    assert taken(pattern, "memory") > 0
