from __future__ import annotations

from pathlib import Path

import pytest

from policies.sites import site_of, stack_of
from sslab.site.agreement import Rules
from sslab.site.cluster import Privilege
from sslab.site.diagnostics import SiteError

ROOT = Path(__file__).parents[2]


def test_a_stack_is_judged_by_the_site_file_of_its_name() -> None:
    assert site_of(ROOT, "local").title == "This machine"


@pytest.mark.parametrize("stack", ["nobody-knows", "Dev_2", ".."])
def test_a_stack_without_a_site_file_is_judged_by_the_defaults(stack: str) -> None:
    found = site_of(ROOT, stack)
    assert found.name == stack
    assert (found.privilege, found.rules, found.exemptions) == (Privilege(), Rules(), ())
    assert found.registry.images is None


def test_a_wrong_site_file_is_no_missing_one(tmp_path: Path) -> None:
    (tmp_path / "sites").mkdir()
    (tmp_path / "sites" / "a.yaml").write_text("name: b\n")
    with pytest.raises(SiteError):
        site_of(tmp_path, "a")


@pytest.mark.parametrize(
    ("urn", "stack"),
    [
        ("urn:pulumi:local::ssl::kubernetes:core/v1:Pod::web", "local"),
        ("urn:pulumi:a-b.c::ssl::pulumi:pulumi:Stack::urn:pulumi:other::x", "a-b.c"),
        ("", ""),
    ],
)
def test_the_stack_is_a_part_of_the_urn(urn: str, stack: str) -> None:
    assert stack_of(urn) == stack
