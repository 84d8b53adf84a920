"""The plan in words, as lines that every report is made of."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from fractions import Fraction
from itertools import groupby
from typing import Final, Literal, NamedTuple

from sslab.catalogue.quantity import bytes_text, cores_text
from sslab.plan.model import (
    CHANGE_KINDS,
    Change,
    Finding,
    Plan,
    Power,
    SitePlan,
    Status,
    Total,
)
from sslab.plan.secrecy import line, lines, value_text
from sslab.plan.totals import CPU, MEMORY, STORAGE

Tone = Literal["plain", "add", "change", "replace", "delete", "alarm", "quiet"]

SENTENCE: Final = 600
"""Characters of one reason or message that a person is shown."""

STATUSES: Final[dict[Status, str]] = {
    "new": "new",
    "changed": "changed",
    "unchanged": "no change",
    "removed": "removed",
    "uncompared": "not compared",
    "planned": "planned only, skipped",
    "failed": "without a plan",
}


class Line(NamedTuple):
    """One line of a report, indented by so many steps, and how it is meant."""

    text: str
    tone: Tone = "plain"
    depth: int = 0


def headline(plan: Plan) -> str:
    """Return in one sentence how many sites are concerned."""
    counts = {status: sum(site.status == status for site in plan.sites) for status in STATUSES}
    shown = [f"{count} {STATUSES[status]}" for status, count in counts.items() if count]
    sites = "1 site" if len(plan.sites) == 1 else f"{len(plan.sites)} sites"
    return f"Plan of {sites}: {', '.join(shown) or 'there is none'}"


def flags(site: SitePlan) -> list[str]:
    """Return in few words what a reviewer has to look at, the gravest first."""
    violated = sum(finding.violated for finding in site.findings or ())
    failing = sum(bool(change.refused) for change in site.changes)
    unallowed = sum(bool(change.unallowed) for change in site.changes)
    losing = sum(bool(change.loses) for change in site.changes) - unallowed
    over = [total.name for total in site.totals if _is_over(total)]
    found = [
        (bool(site.error), "NO PLAN"),
        (len(site.refusals), f"CANNOT BE CHANGED IN PLACE ({len(site.refusals)})"),
        (unallowed, f"REFUSED: DATA WOULD BE LOST ({unallowed})"),
        (losing, f"DATA IS LOST ({losing})"),
        (failing, f"THE DEPLOYMENT FAILS ({failing})"),
        (violated, f"REFUSED BY POLICIES ({violated})"),
        (len(over), f"more than the site has: {', '.join(over)}"),
        (len(site.powers.added), f"{len(site.powers.added)} powers more"),
        (len(site.powers.given_up), f"{len(site.powers.given_up)} powers fewer"),
        (site.status not in ("changed", "failed"), STATUSES[site.status]),
    ]
    return [text for is_so, text in found if is_so]


def alarms(site: SitePlan) -> Iterator[Line]:
    """Yield what nobody may miss."""
    if site.error:
        for text in lines(site.error, SENTENCE):
            yield Line(text, "alarm")
    for refusal in site.refusals:
        yield _refusal(refusal)
    for change in site.changes:
        what = f"{change.kind} {line(change.resource.label)}"
        if change.loses:
            yield Line(f"{what}: {_lost(change)}", "alarm")
        if change.refused:
            yield Line(f"{what}: THE DEPLOYMENT FAILS: {line(change.refused, SENTENCE)}", "alarm")
    for finding in site.findings or ():
        if finding.violated:
            yield _finding(finding)


def change(each: Change) -> Iterator[Line]:
    """Yield what happens to one resource, and why."""
    yield Line(f"{each.kind:8}{line(each.resource.label)}", each.kind)
    if each.loses:
        yield Line(_lost(each), "alarm", 1)
    if each.refused:
        yield Line(f"THE DEPLOYMENT FAILS: {line(each.refused, SENTENCE)}", "alarm", 1)
    for reason in each.reasons:
        yield Line(line(reason, SENTENCE), "plain", 1)
    for field in each.fields:
        values = f"{value_text(field.before)} -> {value_text(field.after)}"
        if field.secret and field.before == field.after:
            values = "another secret value"
        yield Line(f"{line(field.path)}: {values}", "quiet", 1)


def _lost(change: Change) -> str:
    if change.unallowed:
        told = line(f"{change.loses}: {change.unallowed}", SENTENCE)
        return f"REFUSED: DATA WOULD BE LOST: {told}"
    return f"DATA IS LOST: {line(change.loses)}"


def refusals(site: SitePlan) -> Iterator[Line]:
    """Yield what of a site file is refused beside what is deployed."""
    for refusal in site.refusals:
        yield _refusal(refusal)


def _refusal(text: str) -> Line:
    return Line(f"REFUSED: {line(text, SENTENCE)}", "alarm")


def changes(site: SitePlan, *kinds: str) -> Iterator[Line]:
    """Yield what happens to the resources of a site, by default all of it."""
    for each in site.changes:
        if each.kind in (kinds or CHANGE_KINDS):
            yield from change(each)


def powers(site: SitePlan) -> Iterator[Line]:
    """Yield the powers that a change adds and gives up."""
    for power in site.powers.added:
        yield Line(f"more    {power.kind}: {_power(power)}", "add")
    for power in site.powers.given_up:
        yield Line(f"fewer   {power.kind}: {_power(power)}", "delete")


def powers_taken(site: SitePlan) -> Iterator[Line]:
    """Yield all powers that a site has, by kind."""
    for kind, found in groupby(site.powers.taken, key=lambda power: power.kind):
        yield Line(kind)
        for power in found:
            yield Line(_power(power), "quiet", 1)


def _power(power: Power) -> str:
    return line(f"{power.what} ({power.who})" if power.who else power.what, SENTENCE)


def totals(site: SitePlan) -> Iterator[Line]:
    """Yield what the pods and claims request together, of what the site offers."""
    for total in site.totals:
        if not (total.now or total.before):
            continue
        now = amount(total.name, total.now)
        text = f"{total.name}: {now}"
        if total.before is not None and total.before != total.now:
            text += f" (before {amount(total.name, total.before)})"
        if total.offered is not None:
            text += f" of {amount(total.name, total.offered)}"
        if total.offered:
            text += f", {float(total.now / total.offered):.1%}"
        if total.capacity is not None:
            text += f"; the whole site has {amount(total.name, total.capacity)}"
        yield Line(text, "alarm" if _is_over(total) else "plain")


def amount(name: str, value: Fraction) -> str:
    """Return a total as people write it: `1500m`, `2Gi`, `4`."""
    if name == CPU:
        return cores_text(value)
    return bytes_text(value) if name in (MEMORY, STORAGE) else str(value)


def _is_over(total: Total) -> bool:
    limits = (total.offered, total.capacity)
    return any(limit is not None and total.now > limit for limit in limits)


def findings(site: SitePlan) -> Iterator[Line]:
    """Yield what the policies say, violations first; each advice once for all that it is about."""
    advice: dict[str, list[Finding]] = defaultdict(list)
    for finding in site.findings or ():
        if finding.severity == "advisory" and finding.exempted is None:
            advice[finding.policy].append(finding)
        else:
            yield _finding(finding)
    for about in advice.values():
        first = _finding(about[0])
        more = len({each.resource for each in about}) - 1
        yield first._replace(text=f"{first.text}; {more} more likewise") if more else first


def _finding(finding: Finding) -> Line:
    text = f"{finding.policy}: {finding.label}: {finding.message}"
    if finding.remedy and finding.remedy not in text:
        text += f"; {finding.remedy}"
    if finding.page:
        text += f" ({finding.page})"
    if finding.exempted is not None:
        return Line(line(f"exempted, {finding.exempted}: {text}", SENTENCE), "quiet")
    if finding.violated:
        return Line(line(f"REFUSED BY {text}", SENTENCE), "alarm")
    return Line(line(f"{finding.severity} {text}", SENTENCE))
