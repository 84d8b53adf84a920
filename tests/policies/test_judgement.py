from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from policies.judgement import Finding, findings
from policies.model import UNKNOWN, Resource
from policies.policy import Grants
from policies.rules import POLICIES
from sslab.catalogue.contract import Powers
from tests.policies.policy_cases import POD, edited, resource, site

TODAY = date(2026, 6, 15)
BY_ID = {policy.id: policy for policy in POLICIES}
UNPINNED = edited(POD, {"containers.0.image": "nginx:latest"})


def exemption(**fields: str) -> dict[str, str]:
    return {
        "policy": "images-pinned",
        "object": "Pod/my-pattern/web",
        "reason": "upstream has no digest yet",
        "expires": "2026-06-15",
        **fields,
    }


def web(**metadata: Any) -> Resource:
    metadata = {"name": "web", "namespace": "my-pattern", **metadata}
    return resource("kubernetes:core/v1:Pod", {"metadata": metadata, "spec": UNPINNED}, "pulumis")


def judged(
    *exemptions: dict[str, str], policy: str = "images-pinned", thing: Resource | None = None
) -> Finding:
    grants = Grants(Powers(), site(exemptions=exemptions))
    (found,) = findings(BY_ID[policy], thing or web(), grants, TODAY)
    return found


def test_a_violation_without_exemption_is_as_the_rule_says() -> None:
    found = judged()
    assert found.exemption is None
    assert str(found.violation).startswith('container "web" runs an image that is not pinned (spec')


def test_an_exemption_excuses_up_to_its_last_day() -> None:
    found = judged(exemption())
    assert found.exemption is not None
    assert found.exemption.reason == "upstream has no digest yet"
    assert found.violation == judged().violation


def test_an_exemption_that_has_ended_excuses_nothing_and_is_told() -> None:
    found = judged(exemption(expires="2026-05-01"), exemption(expires="2026-06-14"))
    assert found.exemption is None
    told = "something else tomorrow, and the exemption in sites/example.yaml ended on 2026-06-14; "
    assert told in str(found.violation)


def test_one_exemption_that_holds_is_enough() -> None:
    found = judged(exemption(expires="2026-05-01"), exemption(expires="2027-01-01"))
    assert found.exemption is not None
    assert found.exemption.expires == "2027-01-01"


@pytest.mark.parametrize(
    ("named", "thing"),
    [
        ("Pod/web", web()),
        ("Pod/my-pattern/web", web(namespace=UNKNOWN)),
        ("Pod/web", web(namespace=None)),
        ("Pod/my-pattern/pulumis", web(name=UNKNOWN)),
        ("Pod/pulumis", web(name=None)),
    ],
)
def test_the_object_is_found(named: str, thing: Resource) -> None:
    assert judged(exemption(object=named), thing=thing).exemption is not None


@pytest.mark.parametrize(
    "named",
    [
        *("Pod/other/web", "Pod/my-pattern/other", "Deployment/my-pattern/web", "web", "Pod/"),
        *("Pod/my-pattern/my-pattern/web", "pod/web", "*/web", "Pod/pulumis", "/"),
    ],
)
def test_another_object_is_not_meant(named: str) -> None:
    found = judged(exemption(object=named))
    assert found == judged()


def test_another_policy_is_not_meant() -> None:
    assert judged(exemption(policy="resources-bounded")) == judged()


def test_an_object_without_a_namespace_is_no_object_of_one() -> None:
    assert judged(exemption(), thing=web(namespace=None)).exemption is None


def test_a_secret_stays_a_secret() -> None:
    spec = edited(POD, {"containers.0.env": [{"name": "PASSWORD", "value": "hunter2"}]})
    thing = resource("kubernetes:core/v1:Pod", {"metadata": {"name": "web"}, "spec": spec})
    found = judged(
        exemption(policy="no-plain-secret", object="Pod/web"), policy="no-plain-secret", thing=thing
    )
    assert found.exemption is None
    assert "and sites/example.yaml cannot exempt anything from it; keep it in" in str(
        found.violation
    )


def test_what_is_no_object_of_kubernetes_is_not_judged() -> None:
    thing = resource("gcp:container/cluster:Cluster", {"spec": UNPINNED})
    grants = Grants(Powers(), site())
    assert [each for policy in POLICIES for each in findings(policy, thing, grants, TODAY)] == []
