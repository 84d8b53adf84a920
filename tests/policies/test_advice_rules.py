from __future__ import annotations

import pytest

from policies.advice_rules import (
    images_from_mirror,
    images_within_reach,
    read_only_root,
    readiness_probe,
)
from policies.model import UNKNOWN
from tests.policies.policy_cases import CONTAINER, POD, edited, messages, pod, site, workload

C = "containers.0"


@pytest.mark.parametrize("kind", ["Deployment", "StatefulSet", "DaemonSet", "ReplicaSet"])
@pytest.mark.parametrize("value", [None, {}])
def test_a_service_without_a_readiness_probe_is_told(kind: str, value: object) -> None:
    spec = edited(POD, {f"{C}.readinessProbe": value})
    (message,) = messages(readiness_probe, workload("apps/v1", kind, spec))
    assert "no readiness probe (spec.template.spec.containers)" in message


@pytest.mark.parametrize(
    "edits",
    [
        {},
        {f"{C}.readinessProbe": None, f"{C}.ports": []},
        {f"{C}.readinessProbe": UNKNOWN},
        {f"{C}.readinessProbe": None, f"{C}.ports": UNKNOWN},
        {"initContainers": [edited(CONTAINER, {"readinessProbe": None})]},
        {"containers": [CONTAINER, edited(CONTAINER, {"readinessProbe": None})]},
    ],
)
def test_what_is_ready_or_serves_nothing_passes(edits: dict[str, object]) -> None:
    assert messages(readiness_probe, workload("apps/v1", "Deployment", edited(POD, edits))) == []


@pytest.mark.parametrize("kind", ["Job", "CronJob"])
def test_what_ends_by_itself_needs_no_readiness_probe(kind: str) -> None:
    spec = edited(POD, {f"{C}.readinessProbe": None})
    assert messages(readiness_probe, workload("batch/v1", kind, spec)) == []


@pytest.mark.parametrize("value", [None, False])
def test_a_root_filesystem_that_can_be_written_is_told(value: object) -> None:
    thing = pod({f"{C}.securityContext.readOnlyRootFilesystem": value})
    (message,) = messages(read_only_root, thing)
    assert "(spec.containers[0].securityContext.readOnlyRootFilesystem)" in message


@pytest.mark.parametrize(
    ("registry", "image", "expected"),
    [
        ({}, "registry.example.org/library/nginx", 0),
        ({"mirror": "mirror.example.edu"}, "registry.example.org/library/nginx", 1),
        ({"mirror": "mirror.example.edu"}, "nginx", 1),
        ({"mirror": "mirror.example.edu"}, "mirror.example.edu.evil/nginx", 1),
        ({"mirror": "mirror.example.edu"}, "mirror.example.edu/library/nginx", 0),
        ({"mirror": "mirror.example.edu"}, "ssl.local/z-peak:0123456789abcdef", 0),
        ({"mirror": "mirror.example.edu"}, UNKNOWN, 0),
        ({"mirror": "m.example", "images": "r.example/ssl"}, "r.example/ssl/z-peak:1", 0),
        ({"mirror": "m.example", "images": "r.example/ssl"}, "ssl.local/z-peak:1", 1),
    ],
)
def test_an_image_from_outside_the_mirror_is_told(
    registry: dict[str, str], image: object, expected: int
) -> None:
    found = messages(images_from_mirror, pod({f"{C}.image": image}), at=site(registry=registry))
    assert len(found) == expected
    for message in found:
        assert "sites/example.yaml has nodes pull from" in message
        assert "(registry.mirror)" in message


@pytest.mark.parametrize(
    ("parts", "image", "expected"),
    [
        ({"cluster": {"kind": "local"}}, "ssl.local/z-peak:0123456789abcdef", 0),
        ({}, "ssl.local/z-peak:0123456789abcdef", 1),
        ({"cluster": {"kind": "local", "context": "kind"}}, "ssl.local/z-peak:0123456789abcdef", 1),
        ({"registry": {"images": "r.example.edu/ssl"}}, "r.example.edu/ssl/z-peak:1", 0),
        ({}, "registry.example.org/library/nginx", 0),
        ({}, UNKNOWN, 0),
    ],
)
def test_an_image_that_no_node_can_pull_is_told(
    parts: dict[str, object], image: object, expected: int
) -> None:
    here = site(**{"cluster": {"kind": "existing", "context": "c"}, **parts})
    told = messages(images_within_reach, pod({f"{C}.image": image}), at=here)
    assert len(told) == expected
    assert all("registry.images" in each for each in told)
