"""A pull request's plan as data, and the comment that is made of it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings

from sslab.github.comments import marker
from sslab.github.proposal import AROUND, KIND, LISTED, Proposal, as_comment
from sslab.plan.compare import compare
from sslab.plan.markdown import LIMIT, as_markdown
from sslab.plan.model import Change, FieldChange, Plan, SitePlan
from sslab.plan.transfer import dumped, lean, loaded
from tests.unit.plan.cases import CONFIG_MAP, DEPLOYMENT, resource
from tests.unit.plan.test_reports import plans

COMMIT = "c" * 40


def longest() -> Plan:
    """Return a plan that is far too long for a comment."""
    fields = {f"k{n}": "x" * 200 for n in range(10)}
    before = [resource(CONFIG_MAP, f"map-{n}", data=fields) for n in range(12)]
    after = [resource(CONFIG_MAP, f"map-{n}", data=dict.fromkeys(fields, "y")) for n in range(12)]
    changes = compare(before, after)
    return Plan(tuple(SitePlan(f"site-{n}", "changed", changes) for n in range(100)), "base")


@pytest.mark.volume
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(plans())
def test_what_arrives_says_what_was_sent(plan: Plan) -> None:
    sent = Proposal(3, COMMIT, lean(plan), ("a.py",), ("b",))
    arrived = loaded(Proposal, dumped(Proposal, sent).encode())
    assert as_markdown(arrived.plan) == as_markdown(plan)
    assert (arrived.number, arrived.files, arrived.lacking) == (3, ("a.py",), ("b",))


def test_nothing_is_sent_that_no_report_shows() -> None:
    changed = resource(
        DEPLOYMENT,
        secrets=("spec.x",),
        options={"protect": True},
        spec={"token": "hidden-from-all"},
    )
    token = "ghp_0123456789abcdefghijklmnopqrstuvwxyzAB"
    change = Change("change", changed, (FieldChange(("spec", "x"), token, "b"),))
    plan = Plan((SitePlan("a", "changed", (change,)),))
    text = dumped(Proposal, Proposal(1, COMMIT, lean(plan), ()))
    assert "hidden-from-all" not in text
    assert "ghp_" not in text
    assert '"namespace": "ns"' in text


def test_a_comment_is_never_too_long_and_says_what_is_left_out() -> None:
    files = tuple(f"components/{'x' * 90}-{n}.py" for n in range(200))
    lacking = tuple("`" * 90 + "x" * 900 for _ in range(200))
    for plan in (longest(), replace(longest(), sites=())):
        proposal = Proposal(1, COMMIT, lean(plan), files, lacking)
        comment = f"{marker(KIND)}\n{as_comment(proposal)}"
        assert len(comment.encode("utf-16-le")) // 2 <= LIMIT
        assert COMMIT in comment
    told = as_comment(Proposal(1, COMMIT, lean(longest()), ()))
    assert "Left out for want of room: the details of" in told


def test_many_files_are_counted() -> None:
    files = tuple(f"components/{n}.py" for n in range(LISTED + 5))
    told = as_comment(Proposal(1, COMMIT, Plan((SitePlan("a", "unchanged"),)), files))
    assert "`components/0.py`" in told
    assert "and 5 more changed, and no site's plan with it" in told
    assert len(told) < AROUND
