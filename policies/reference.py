"""The sections of docs/policies.md that follow from the table of policies.

`python -m policies.reference` writes them anew.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from textwrap import fill
from typing import Final

from policies.examples import EXAMPLES
from policies.policy import Grants, Policy
from policies.rules import POLICIES
from sslab.catalogue.contract import Powers
from sslab.site.model import Site

PAGE: Final = Path(__file__).resolve().parent.parent / "docs" / "policies.md"
_WRITTEN: Final = re.compile(
    r"(?<=<!-- `python -m policies\.reference` writes from here -->\n).*?"
    r"(?=<!-- `python -m policies\.reference` writes to here -->\n)",
    re.DOTALL,
)
_EXEMPTION: Final = "an [exemption](#exemptions) in the site file"


def renewed(page: str) -> str:
    """Return the page with the sections that follow from the policies between its two marks.

    Raises ValueError where the marks are not there.
    """
    lines = [*_overview(), *(line for policy in POLICIES for line in _section(policy))]
    text, count = _WRITTEN.subn(lambda _: "\n" + "\n".join(lines) + "\n", page)
    if count != 1:
        raise ValueError(f"the page has {count} pairs of marks; it needs exactly one")
    return text


def refusal(policy: Policy) -> str:
    """Return what the policy says about its example."""
    example = EXAMPLES[policy.id]
    site = {"name": "example", "title": "Example", "cluster": {"kind": "local"}, **example.site}
    grants = Grants(Powers(), Site.model_validate(site))
    return str(next(policy.rule(example.resource, grants)))


def _overview() -> Iterator[str]:
    yield "| Policy | Severity | What it asks |"
    yield "|---|---|---|"
    for policy in POLICIES:
        yield f"| [{policy.id}](#{policy.id}) | {policy.severity} | {policy.description} |"
    yield ""


def _section(policy: Policy) -> Iterator[str]:
    """Yield the lines of one policy's section; its heading is the id, so that links can name it."""
    allows = [policy.exception, _EXEMPTION if policy.exemptable else ""]
    yield from (f"### {policy.id}", "", policy.description, "", _wrapped(policy.why), "")
    yield f"- Severity: {policy.severity}"
    yield f"- What allows an exception: {'; '.join(filter(None, allows)) or 'nothing'}"
    yield from ("", "```text", _wrapped(refusal(policy)), "```", "")


def _wrapped(text: str) -> str:
    return fill(text, 100, break_long_words=False, break_on_hyphens=False)


if __name__ == "__main__":
    PAGE.write_text(renewed(PAGE.read_text()))
