"""The plan for a comment on a pull request, never longer than GitHub takes."""

from __future__ import annotations

import html
import re
import shlex
from collections.abc import Iterator, Sequence
from typing import Final

from sslab.plan import describe
from sslab.plan.describe import Line, Tone
from sslab.plan.model import CHANGE_KINDS, Plan, SitePlan
from sslab.plan.secrecy import line, lines

LIMIT: Final = 65_536
"""The longest comment that GitHub takes, in characters."""

ALL: Final = 4
"""The richest level of details; level 0 has none."""

_SIGNS: Final[dict[Tone, str]] = {
    "add": "+",
    "change": "!",
    "replace": "-",
    "delete": "-",
    "alarm": "-",
}


def as_markdown(plan: Plan, reserved: int = 0) -> str:
    """Return the plan as a comment: what has to be looked at first, the details folded.

    Where that is too long, sites have fewer details, those with nothing alarming first; the comment
    says how much is left out, and which command shows it. `reserved` characters are for other text.
    """
    loud = sorted(
        (site for site in plan.sites if not site.quiet), key=lambda each: not each.alarming
    )
    head = _head(plan, loud)
    return head + _all_details(plan, loud, LIMIT - reserved - _length(head))


def _length(text: str) -> int:
    """Return how long a text is, as whoever counts it longest does: in the units of UTF-16."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def code(text: str, limit: int = 300) -> str:
    """Return a text of unknown content as a code span, in which nothing has a meaning."""
    shown = line(text, limit)
    ticks = "`" * (longest_run(shown) + 1)
    return f"{ticks} {shown} {ticks}" if "`" in shown else f"`{shown or ' '}`"


def longest_run(text: str) -> int:
    """Return how many backticks follow each other in a text at most."""
    return max((len(run) for run in re.findall("`+", text)), default=0)


def _name(site: SitePlan) -> str:
    """Return a site's name; the file of a wrong one can be called anything."""
    return re.sub(r"[^A-Za-z0-9._-]", "?", site.site)[:63]


def _head(plan: Plan, loud: Sequence[SitePlan]) -> str:
    """Return the part that is always there: some two thirds of the limit at most."""
    parts = [f"### {describe.headline(plan)}\n"]
    if plan.against:
        parts.append(f"\nAgainst {code(plan.against)}.\n")
    parts += [f"\n{code(note)}\n" for note in plan.notes[:20]]
    alarms = [(site, alarm) for site in loud for alarm in describe.alarms(site)]
    if alarms:
        rows = [f"> - **{_name(site)}** {code(alarm.text)}\n" for site, alarm in alarms]
        parts += ["\n> [!CAUTION]\n", _cut(rows, LIMIT // 5, "> - and {} more\n")]
    if loud:
        heading = " | ".join(("site", *CHANGE_KINDS, "look at"))
        parts.append(f"\n| {heading} |\n|---|{'--:|' * len(CHANGE_KINDS)}---|\n")
        parts.append(_cut([_row(site) for site in loud], LIMIT // 5, "| and {} more | | | | | |\n"))
    for status in ("unchanged", "planned"):
        names = [f" {_name(site)}" for site in plan.sites if site.quiet and site.status == status]
        if names:
            parts.append(f"\n{describe.STATUSES[status].capitalize()}:")
            parts.append(f"{_cut(names, LIMIT // 20, ' and {} more')}\n")
    return "".join(parts)


def _row(site: SitePlan) -> str:
    flags = "; ".join(describe.flags(site))
    counts = " | ".join(str(site.counts[kind]) for kind in CHANGE_KINDS)
    return f"| {_name(site)} | {counts} | {f'**{flags}**' if site.alarming else flags} |\n"


def _cut(pieces: Sequence[str], room: int, more: str) -> str:
    """Return as many pieces as there is room for, and how many are left out."""
    for index, piece in enumerate(pieces):
        room -= _length(piece)
        if room < 0:
            return "".join(pieces[:index]) + more.format(len(pieces) - index)
    return "".join(pieces)


def _all_details(plan: Plan, sites: Sequence[SitePlan], room: int) -> str:
    """Return the details of the sites, as rich as there is room for; `sites` by importance."""
    share = room // (2 * max(len(sites), 1))
    texts = [_levels(site, _command(plan, site), share) for site in sites]
    levels = [0] * len(sites)
    room -= 200  # for the last line
    for level in range(1, ALL + 1):
        for index, text in enumerate(texts):
            more = _length(text[level]) - _length(text[levels[index]])
            if levels[index] == level - 1 and more <= room:
                levels[index] = level
                room -= more
    without = sum(not text[level] for text, level in zip(texts, levels, strict=True))
    details = "".join(text[level] for text, level in zip(texts, levels, strict=True))
    if without:
        details += f"\nLeft out for want of room: the details of {without} sites.\n"
    return details


def _command(plan: Plan, site: SitePlan) -> str:
    against = f" --against {line(shlex.quote(plan.against), 100)}" if plan.against else ""
    return f"sslab plan {_name(site)}{against}"


def _levels(site: SitePlan, command: str, least: int) -> list[str]:
    """Return a site's details at each level; the first with any fits into the room given."""
    ranked = [(level, _diff(each)) for level, each in _lines(site)]
    texts = [""]
    for level in range(1, ALL + 1):
        shown = [row for least_level, row in ranked if least_level <= level]
        kept = _cut(shown, least - 600, "").count("\n") if level == 1 else len(shown)
        left_out = len(ranked) - kept
        if left_out:
            note = f"  {left_out} lines are left out; {command} shows them\n"
            shown = [*shown[:kept], note]
        texts.append(_fold(site, shown) if kept else "")
    return texts


def _lines(site: SitePlan) -> Iterator[tuple[int, Line]]:
    """Yield the lines of a site's details, and the level of details that each belongs to."""
    for text in (*lines(site.error, describe.SENTENCE), *map(line, site.notes)):
        yield 1, Line(text, "alarm" if site.error else "plain")
    for each in (*describe.refusals(site), *describe.findings(site)):
        yield 1, each
    for each in describe.changes(site, "delete", "replace"):
        yield (2 if each.tone == "quiet" else 1), each  # the values of fields are quiet
    for each in (
        *describe.changes(site, "change"),
        *describe.powers(site),
        *describe.totals(site),
    ):
        yield 2, each
    for each in describe.changes(site, "add"):
        yield 3, each
    for each in describe.powers_taken(site):
        yield 4, each


def _diff(each: Line) -> str:
    """Return a line as GitHub colours it in a block of `diff`."""
    return f"{_SIGNS.get(each.tone, ' ')} {'  ' * each.depth}{each.text}\n"


def _fold(site: SitePlan, shown: Sequence[str]) -> str:
    """Return lines folded under the site's name, in a fence that none of them closes."""
    fence = "`" * max(3, longest_run("".join(shown)) + 1)
    counts = ", ".join(f"{kind} {site.counts[kind]}" for kind in CHANGE_KINDS if site.counts[kind])
    summary = html.escape(f"{_name(site)}: {counts or describe.STATUSES[site.status]}")
    return (
        f"\n<details><summary>{summary}</summary>\n\n{fence}diff\n{''.join(shown)}{fence}\n\n"
        "</details>\n"
    )
