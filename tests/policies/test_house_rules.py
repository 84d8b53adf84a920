from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from policies.house_rules import (
    limits_within_requests,
    no_long_bare_pod,
    requests_within_quota,
)
from policies.model import UNKNOWN
from policies.policy import Grants
from sslab.catalogue.contract import Powers
from sslab.catalogue.shares import Share
from tests.policies.policy_cases import CONTAINER, POD, edited, messages, pod, site, workload

RESOURCES = "containers.0.resources"
TWENTY_PERCENT = site(rules={"limits_over_requests_percent": 20})
NO_MORE = site(rules={"limits_over_requests_percent": 0})
SIX_HOURS = site(rules={"bare_pods": {"hours": 6, "cpu": "16", "memory": "32Gi", "gpu": 2}})


def amounts(unit: str, request: object, limit: object) -> Any:
    edits = {"cpu": ("1", "1"), "memory": ("1Gi", "1Gi")} | {unit: (request, limit)}
    return pod(
        {
            f"{RESOURCES}.requests": {name: each[0] for name, each in edits.items()},
            f"{RESOURCES}.limits": {name: each[1] for name, each in edits.items()},
        }
    )


@pytest.mark.parametrize(
    ("unit", "request_", "limit", "most"),
    [
        ("cpu", "100m", "121m", "120m"),
        ("cpu", "101m", 1, "121m"),
        ("cpu", 1.0, 2.0, "1200m"),
        ("memory", "128Mi", "1Gi", "153Mi"),
        ("memory", "1Gi", "2Gi", "1228Mi"),
        ("memory", "1500k", "1801k", "1500000"),  # a whole Mi would be below the request
    ],
)
def test_a_limit_further_above_the_request_than_the_site_allows_fails(
    unit: str, request_: object, limit: object, most: str
) -> None:
    (message,) = messages(limits_within_requests, amounts(unit, request_, limit), at=TWENTY_PERCENT)
    assert f'container "web" has a {unit} limit more than 20 % above its request' in message
    assert f"(spec.containers[0].resources.limits.{unit}): sites/example.yaml allows" in message
    assert "(rules.limits_over_requests_percent)" in message
    assert message.endswith(f"lower the limit to {most}")
    assert messages(limits_within_requests, amounts(unit, request_, most), at=TWENTY_PERCENT) == []
    assert messages(limits_within_requests, amounts(unit, request_, limit)) == []


@pytest.mark.parametrize(
    ("request_", "limit"),
    [("1", "1200m"), ("1", 1.2), ("1", "1"), ("1", "500m"), (UNKNOWN, "9"), ("1", UNKNOWN)],
)
def test_a_limit_close_to_the_request_or_not_known_passes(request_: object, limit: object) -> None:
    assert (
        messages(limits_within_requests, amounts("cpu", request_, limit), at=TWENTY_PERCENT) == []
    )


def test_no_percent_at_all_is_a_rule_too() -> None:
    assert messages(limits_within_requests, amounts("cpu", "1", "1"), at=NO_MORE) == []
    assert len(messages(limits_within_requests, amounts("cpu", "1", "1001m"), at=NO_MORE)) == 1


SMALL = site(quota={"cpu": "4", "memory": "6Gi", "pods": 50})
SHARE = Share(cpu="2", memory="2Gi", storage="0", pods=50, accelerators={})


def beyond(kind: str, replicas: object, cpu: str, memory: str, share: Share | None) -> list[str]:
    """Return what is told of a workload whose pods request so much."""
    spec = edited(POD, {"containers.0.resources.requests": {"cpu": cpu, "memory": memory}})
    thing = workload("batch/v1" if kind == "Job" else "apps/v1", kind, spec)
    props = edited(thing.props, {"spec.replicas": replicas, "spec.parallelism": replicas})
    told = requests_within_quota(replace(thing, props=props), Grants(Powers(), SMALL, share))
    return [str(each) for each in told]


@pytest.mark.parametrize(
    ("kind", "replicas", "cpu", "memory", "share", "told"),
    [
        (
            *("Deployment", 1, "100m", "3Gi", SHARE),
            "the pod requests 3Gi memory (spec.template.spec.containers): sites/example.yaml "
            "leaves them 2Gi, the pattern's part of quota.memory (6Gi); ask for less in the "
            "settings of the pattern, or raise quota.memory",
        ),
        ("Deployment", 3.0, "100m", "1Gi", SHARE, "the 3 pods request 3Gi memory"),
        ("StatefulSet", 5, "500m", "1Mi", SHARE, "the 5 pods request 2500m cpu"),
        ("Job", 4, "100m", "3Gi", SHARE, "the pod requests 3Gi memory"),
        ("Deployment", 1, "100m", "7Gi", None, "leaves them 6Gi (quota.memory); ask"),
    ],
)
def test_more_than_the_quota_leaves_is_refused(
    kind: str, replicas: object, cpu: str, memory: str, share: Share | None, told: str
) -> None:
    (message,) = beyond(kind, replicas, cpu, memory, share)
    assert told in message


@pytest.mark.parametrize(
    ("kind", "replicas", "memory", "share"),
    [
        ("Deployment", 2, "1Gi", SHARE),
        ("Deployment", UNKNOWN, "2Gi", SHARE),
        ("Deployment", 0, "9Gi", SHARE),
        ("Job", 9, "2Gi", SHARE),  # one after the other
        ("Deployment", 2, "3Gi", None),
    ],
)
def test_what_the_quota_leaves_may_be_requested(
    kind: str, replicas: object, memory: str, share: Share | None
) -> None:
    assert beyond(kind, replicas, "100m", memory, share) == []


def test_where_no_quota_is_known_anything_may_be_requested() -> None:
    assert messages(requests_within_quota, pod({f"{RESOURCES}.requests": {"cpu": "900"}})) == []


def bare(edits: dict[str, Any] | None = None) -> Any:
    return pod({"activeDeadlineSeconds": 21600, **(edits or {})})


@pytest.mark.parametrize("seconds", [21600, 1, 21600.0, UNKNOWN])
def test_a_short_bare_pod_passes(seconds: object) -> None:
    thing = bare({"activeDeadlineSeconds": seconds})
    assert messages(no_long_bare_pod, thing, at=SIX_HOURS) == []


@pytest.mark.parametrize("seconds", [21601, 0, -5, "soon", True, None, float("inf"), float("nan")])
def test_a_bare_pod_without_an_early_end_fails(seconds: object) -> None:
    thing = pod({"activeDeadlineSeconds": seconds}) if seconds is not None else pod()
    (message,) = messages(no_long_bare_pod, thing, at=SIX_HOURS)
    assert "no controller and no deadline within 6 h (spec.activeDeadlineSeconds)" in message
    assert (
        "sites/example.yaml says that the site deletes it then (rules.bare_pods.hours)" in message
    )
    assert "make it a Job or a Deployment, or set the deadline to 21600 or less" in message
    assert messages(no_long_bare_pod, thing) == []


@pytest.mark.parametrize(
    ("requests", "field", "shown"),
    [
        ({"cpu": "16001m"}, "cpu", "16001m cpu"),
        ({"memory": "33Gi"}, "memory", "33Gi memory"),
        ({"nvidia.com/gpu": 3}, "gpu", "3 gpu"),
        ({"nvidia.com/gpu": "2", "amd.com/gpu": 1}, "gpu", "3 gpu"),
    ],
)
def test_a_large_bare_pod_fails(requests: dict[str, Any], field: str, shown: str) -> None:
    (message,) = messages(no_long_bare_pod, bare({f"{RESOURCES}.requests": requests}), at=SIX_HOURS)
    assert f"the pod has no controller and requests {shown} (spec.containers)" in message
    assert f"(rules.bare_pods.{field})" in message


def test_an_accelerator_is_known_by_the_sites_own_name() -> None:
    thing = bare({f"{RESOURCES}.limits": {"example.org/fpga": 3}})
    assert messages(no_long_bare_pod, thing, at=SIX_HOURS) == []
    rules = {"bare_pods": {"hours": 6, "gpu": 2}}
    own = site(rules=rules, gpus=[{"model": "FPGA", "resource": "example.org/fpga"}])
    assert len(messages(no_long_bare_pod, thing, at=own)) == 1


def with_cores(cores: int, **fields: Any) -> dict[str, Any]:
    return {**CONTAINER, **fields, "resources": {"requests": {"cpu": cores}}}


@pytest.mark.parametrize(
    ("containers", "before", "is_too_large"),
    [
        ([8, 8], [], False),
        ([8, 9], [], True),
        ([8], [with_cores(16), with_cores(16)], False),
        ([8], [with_cores(17)], True),
        ([8], [with_cores(9, restartPolicy="Always")], True),
    ],
)
def test_a_pod_is_as_large_as_the_scheduler_counts_it(
    containers: list[int], before: list[Any], is_too_large: bool
) -> None:
    thing = bare(
        {"containers": [with_cores(each) for each in containers], "initContainers": before}
    )
    assert bool(messages(no_long_bare_pod, thing, at=SIX_HOURS)) is is_too_large


def test_a_limit_alone_is_a_request() -> None:
    thing = bare({RESOURCES: {"limits": {"cpu": 17}}})
    assert len(messages(no_long_bare_pod, thing, at=SIX_HOURS)) == 1


@pytest.mark.parametrize(
    ("api", "kind"),
    [("batch/v1", "Job"), ("batch/v1", "CronJob"), ("apps/v1", "Deployment")],
)
def test_the_pods_of_a_controller_are_not_meant(api: str, kind: str) -> None:
    large = edited(POD, {f"{RESOURCES}.requests.cpu": "64"})
    assert messages(no_long_bare_pod, workload(api, kind, large), at=SIX_HOURS) == []


def test_a_bound_that_the_site_does_not_set_is_none() -> None:
    hours_only = site(rules={"bare_pods": {"hours": 6}})
    large = bare({f"{RESOURCES}.requests": {"cpu": "999", "memory": "9Ti", "nvidia.com/gpu": 99}})
    assert messages(no_long_bare_pod, large, at=hours_only) == []
