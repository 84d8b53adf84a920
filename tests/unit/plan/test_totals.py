"""What pods and claims request together, as the scheduler reckons."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest

from sslab.plan import describe
from sslab.plan.describe import Line
from sslab.plan.model import SitePlan, Total
from sslab.plan.totals import copies, pod_requests, requested, totals
from tests.unit.plan.cases import CLAIM, DEPLOYMENT, STATEFUL_SET, claim, pod, resource

JOB, DAEMON_SET = "kubernetes:batch/v1:Job", "kubernetes:apps/v1:DaemonSet"
CRON_JOB = "kubernetes:batch/v1:CronJob"
GIB = 1024**3


def container(cpu: str, memory: str = "1Gi", **more: Any) -> dict[str, Any]:
    return {"resources": {"requests": {"cpu": cpu, "memory": memory}}, **more}


@pytest.mark.parametrize(
    ("token", "spec", "expected"),
    [
        (DEPLOYMENT, {}, 1),
        (DEPLOYMENT, {"replicas": 3}, 3),
        (DEPLOYMENT, {"replicas": 0}, 0),
        (JOB, {"parallelism": 4, "completions": 9}, 4),
        (CRON_JOB, {"jobTemplate": {"spec": {"parallelism": 4}}}, 1),
        (DAEMON_SET, {}, 1),
        ("kubernetes:core/v1:Pod", {"replicas": 3}, 1),
    ],
)
def test_copies(token: str, spec: dict[str, Any], expected: int) -> None:
    assert copies(resource(token, spec=spec)) == expected


@pytest.mark.parametrize(
    ("init", "cpu"),
    [
        ([], "3"),
        ([container("2")], "3"),
        ([container("5"), container("4")], "5"),
        ([container("5", restartPolicy="Always")], "8"),
        # the first goes on beside the second, which is more than all that comes after
        ([container("1", restartPolicy="Always"), container("9")], "10"),
        ([container("9"), container("1", restartPolicy="Always")], "9"),
    ],
)
def test_init_containers_run_before_or_go_on(init: list[Any], cpu: str) -> None:
    spec = {"initContainers": init, "containers": [container("1"), container("2")]}
    assert pod_requests(spec)["cpu"] == Fraction(cpu)


def test_a_limit_without_a_request_is_one_and_nonsense_is_nothing() -> None:
    limits = {"cpu": "2", "nvidia.com/gpu": 1}
    spec = {"containers": [{"resources": {"limits": limits, "requests": {"memory": "(secret)"}}}]}
    assert pod_requests(spec) == {"cpu": 2, "gpu": 1, "memory": 0}
    assert pod_requests({"containers": "(secret)"}) == {}


def test_all_is_added_up() -> None:
    amounts = requested(
        [
            resource(DEPLOYMENT, spec={"replicas": 2, **pod(container("500m"))}),
            resource(STATEFUL_SET, namespace="b", spec={"replicas": 3, **pod(container("1")),
                     "volumeClaimTemplates": [{"spec": claim("2Gi")}]}),
            resource(CLAIM, spec=claim("5Gi")),
            resource(CRON_JOB, spec={"jobTemplate": {"spec": pod(container("250m"))}}),
            resource("kubernetes:core/v1:ConfigMap"),
        ]
    )  # fmt: skip
    assert amounts == {
        "cpu": Fraction("4.25"),
        "memory": 6 * GIB,
        "storage": 11 * GIB,
        "pods": 6,
        "pods in the fullest namespace": 3,
    }


def test_totals_stand_against_what_is_offered() -> None:
    now = [resource(DEPLOYMENT, spec={"replicas": 2, **pod(container("1"))})]
    offers = {"cpu": "4", "memory": "1Gi", "gpu": 0, "pods": 50, "storage": None}
    found = {each.name: each for each in totals(now, [], offers)}
    assert found["cpu"] == Total("cpu", Fraction(2), Fraction(0), Fraction(4))
    assert found["storage"].offered is None
    assert found["pods"].offered is None  # a quota of pods is one for each namespace
    assert found["pods in the fullest namespace"].offered == 50
    assert {each.before for each in totals(now, None, {})} == {None}


def test_the_capacity_of_the_whole_site_stands_beside_the_quota() -> None:
    now = [resource(DEPLOYMENT, spec={"replicas": 6, **pod(container("1"))})]
    within, beyond = (
        SitePlan("a", "new", totals=totals(now, None, {"cpu": "8"}, {"cpu": cores}))
        for cores in ("432", "4")
    )
    told = next(iter(describe.totals(within)))
    assert told == Line("cpu: 6 of 8, 75.0%; the whole site has 432", "plain")
    assert next(iter(describe.totals(beyond))).tone == "alarm"
    assert "more than the site has: cpu" in "; ".join(describe.flags(beyond))
