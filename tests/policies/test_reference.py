from __future__ import annotations

import re

import pytest

from policies.examples import EXAMPLES
from policies.policy import Policy
from policies.reference import PAGE, refusal, renewed
from policies.rules import POLICIES
from sslab.catalogue.contract import Powers
from sslab.site.agreement import Rules
from sslab.site.cluster import Privilege
from tests.policies.policy_cases import messages, site

TEXT = PAGE.read_text()


def test_the_page_is_not_stale() -> None:
    assert renewed(TEXT) == TEXT, "run `python -m policies.reference`"


def test_a_page_without_marks_is_refused() -> None:
    with pytest.raises(ValueError, match="0 pairs of marks"):
        renewed("# Policies\n")


def test_every_policy_has_a_section_by_its_id() -> None:
    headings = re.findall(r"^### ([a-z-]+)$", TEXT, re.MULTILINE)
    assert [policy.id for policy in POLICIES] == headings
    assert all(policy.page == f"docs/policies.md#{policy.id}" for policy in POLICIES)


@pytest.mark.parametrize("policy", POLICIES, ids=lambda policy: policy.id)
def test_a_policy_says_what_it_asks_and_why(policy: Policy) -> None:
    assert re.fullmatch(r"[A-Z][^\n]*\.", policy.description)
    assert policy.why.endswith(".")
    assert policy.exception[-1:] != "."


def test_every_policy_has_an_example_that_it_refuses() -> None:
    assert set(EXAMPLES) == {policy.id for policy in POLICIES}
    for policy in POLICIES:
        example = EXAMPLES[policy.id]
        found = messages(policy.rule, example.resource, at=site(**example.site))
        assert found == [refusal(policy)], policy.id


def test_the_page_names_every_power_privilege_and_house_rule() -> None:
    fields = [
        *(f"powers.{name}" for name in Powers.model_fields),
        *(f"privilege.{name}" for name in Privilege.model_fields if name not in NO_POWER),
        *(f"rules.{name}" for name in Rules.model_fields if name not in NO_POWER),
    ]
    assert [name for name in fields if f"`{name}`" not in TEXT] == []


NO_POWER = {"source", "date", "confidence", "scc"}


def test_every_link_leads_to_a_heading() -> None:
    headings = re.findall(r"^#+ (.+)$", TEXT, re.MULTILINE)
    anchors = {re.sub(r"[^a-z0-9 -]", "", each.lower()).replace(" ", "-") for each in headings}
    assert set(re.findall(r"\]\(#([^)]+)\)", TEXT)) <= anchors
