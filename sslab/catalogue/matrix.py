"""Which pattern runs at which site, which could, and what would have to change for the others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from sslab.catalogue.contract import Contract
from sslab.catalogue.placement import place_all
from sslab.catalogue.reason import Reason
from sslab.site.model import Site

State = Literal["runs", "yes", "no"]
"""`runs`: the site, being active, asks for it. `yes`: it could run. `no`: something is wanting."""


@dataclass(frozen=True, slots=True)
class Row:
    """One site, and the patterns by their names."""

    site: Site
    states: Mapping[str, State]
    reasons: Mapping[str, tuple[Reason, ...]]

    @property
    def refusals(self) -> Mapping[Reason, tuple[str, ...]]:
        """Each reason for a "no" once, with the patterns that it stands in the way of."""
        names: dict[Reason, tuple[str, ...]] = {}
        for pattern, reasons in self.reasons.items():
            for reason in reasons:
                names[reason] = (*names.get(reason, ()), pattern)
        return names


@dataclass(frozen=True, slots=True)
class Matrix:
    """The sites by name, each with every pattern."""

    patterns: Mapping[str, Contract]
    rows: tuple[Row, ...]


def matrix(contracts: Mapping[str, Contract], sites: Sequence[Site]) -> Matrix:
    """Return the matrix of the sites, which are right, and all patterns."""
    patterns = dict(sorted(contracts.items()))
    ordered = sorted(sites, key=lambda site: site.name)
    return Matrix(patterns, tuple(_row(patterns, site) for site in ordered))


def _row(contracts: Mapping[str, Contract], site: Site) -> Row:
    reasons = {verdict.pattern: verdict.reasons for verdict in place_all(contracts, site)}
    running = site.patterns if site.status == "active" else ()
    states: dict[str, State] = {
        name: "no" if why else "runs" if name in running else "yes" for name, why in reasons.items()
    }
    return Row(site, states, reasons)


def explanations(row: Row) -> list[str]:
    """Return one line a reason: patterns, field of the site file, what is wanting, remedy."""
    return [
        f"{', '.join(patterns)}: {reason.field}: {reason.why}; {reason.remedy}"
        for reason, patterns in row.refusals.items()
    ]


def as_json(shown: Matrix) -> dict[str, Any]:
    """Return the matrix as plain data; its keys are those of `sslab catalog --format json`."""
    return {
        "patterns": [
            {"name": name, "title": each.title, "summary": each.summary}
            for name, each in shown.patterns.items()
        ],
        "sites": [
            {
                "name": row.site.name,
                "title": row.site.title,
                "status": row.site.status,
                "patterns": {
                    name: {
                        "state": state,
                        "reasons": [
                            {"field": each.field, "why": each.why, "remedy": each.remedy}
                            for each in row.reasons[name]
                        ],
                    }
                    for name, state in row.states.items()
                },
            }
            for row in shown.rows
        ],
    }


def as_markdown(shown: Matrix) -> str:
    """Return the matrix as a table of Markdown, and the reasons below."""
    lines = [
        f"| site | {' | '.join(row.site.name for row in shown.rows)} |",
        f"|---|{'---|' * len(shown.rows)}",
        f"| status | {' | '.join(row.site.status for row in shown.rows)} |",
    ]
    for pattern in shown.patterns:
        states = (row.states[pattern] for row in shown.rows)
        cells = " | ".join("**runs**" if each == "runs" else each for each in states)
        lines.append(f"| {pattern} | {cells} |")
    for row in shown.rows:
        if row.refusals:
            lines += ["", f"`sites/{row.site.name}.yaml`, {_escaped(row.site.title)}:", ""]
            lines += [f"- {_escaped(line)}" for line in explanations(row)]
    return "\n".join(lines) + "\n"


def _escaped(text: str) -> str:
    """Return a text of which Markdown takes nothing for markup."""
    return "".join(f"\\{letter}" if letter in r"\`*_{}[]<>|#" else letter for letter in text)
