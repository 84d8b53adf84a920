"""The reference page of `pattern.yaml`, made from its schema.

`python -m sslab.catalogue.reference > docs/pattern-file.md` writes it anew.
"""

from __future__ import annotations

from sslab.catalogue.contract import Contract
from sslab.site.reference import sections

INTRODUCTION = """\
# The pattern file

Each folder under `patterns/` has a `pattern.yaml`: the pattern's contract. A site is offered only
the patterns whose needs it can meet, and the policies hold a pattern to the powers that it states.
What is not listed here is refused. A test holds `needs` and `powers` against the objects that the
pattern really makes at its default settings, so that the contract is no mere promise. A new one is
written by `sslab pattern add` ([add-a-pattern.md](add-a-pattern.md)).
"""


def reference_page() -> str:
    """Return the page as Markdown."""
    return "\n".join([INTRODUCTION, *sections(Contract)]).rstrip() + "\n"


if __name__ == "__main__":
    print(reference_page(), end="")
