"""What a policy is: a rule, how much it weighs, and what allows an exception from it."""

from __future__ import annotations

import inspect
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from policies.model import Resource, Violation
    from sslab.catalogue.contract import Powers
    from sslab.catalogue.shares import Share
    from sslab.site.model import Site


@dataclass(frozen=True)
class Grants:
    """What a resource may do: by its component's contract, and by the site that it is for.

    `share` is what the pods of its pattern may request together, None where it has no namespace
    with a share of the site's quota.
    """

    powers: Powers
    site: Site
    share: Share | None = None

    @property
    def site_file(self) -> str:
        """How messages call the site's file."""
        return f"sites/{self.site.name}.yaml"


Rule: TypeAlias = "Callable[[Resource, Grants], Iterator[Violation]]"
"""A rule yields each violation by a resource. The first line of its docstring says what it asks,
the rest why."""


@dataclass(frozen=True)
class Policy:
    """One policy.

    `exception` says what in a contract or site file allows what the rule refuses, in Markdown;
    empty where nothing does. A violation of a `mandatory` policy stops the deployment, one of an
    `advisory` policy is told. Only what is `exemptable` can be exempted in the site file.
    """

    rule: Rule
    exception: str = ""
    severity: Literal["mandatory", "advisory"] = "mandatory"
    exemptable: bool = True

    @property
    def id(self) -> str:
        """The rule's name with hyphens; exemptions name it, so it stays."""
        return self.rule.__name__.replace("_", "-")

    @property
    def description(self) -> str:
        """What it asks, in one sentence."""
        return inspect.cleandoc(self.rule.__doc__ or "").partition("\n")[0]

    @property
    def why(self) -> str:
        """Why it asks that, in Markdown."""
        return inspect.cleandoc(self.rule.__doc__ or "").partition("\n")[2].strip()

    @property
    def page(self) -> str:
        """Where it is described."""
        return f"docs/policies.md#{self.id}"
