from __future__ import annotations

from policies.rules import POLICIES
from sslab.catalogue.policy_ids import NEVER_EXEMPTED, POLICY_IDS


def test_the_ids_are_those_of_the_policies() -> None:
    assert tuple(policy.id for policy in POLICIES) == POLICY_IDS


def test_the_policies_without_exemption_are_those_of_the_table() -> None:
    assert tuple(policy.id for policy in POLICIES if not policy.exemptable) == NEVER_EXEMPTED
