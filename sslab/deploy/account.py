"""What people are told of one site's deployment."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from sslab.catalogue import layers
from sslab.plan.markdown import longest_run
from sslab.plan.secrecy import lines
from sslab.site.model import Site

LOG_LINES: Final = 30
LINE: Final = 300


@dataclass(frozen=True)
class Outcome:
    """How a deployment ended.

    Where it has not `started`, something before it has failed. `reverted` is the revision that was
    put back, empty where none was; `failed_back` says that this was tried and failed. `log` is what
    the deployment has printed, `run` the address of all of it.
    """

    site: str
    revision: str
    passed: bool
    started: bool = True
    reverted: str = ""
    failed_back: bool = False
    log: str = ""
    run: str = ""


def as_markdown(outcome: Outcome, site: Site) -> str:
    """Return the account of a deployment: what happened, what follows, where everything is."""
    parts = [f"### {site.title}: {_headline(outcome)}\n\n"]
    if outcome.passed:
        parts += [f"- {name}: <{url}>\n" for name, url in links(site)]
    else:
        parts.append(f"{_follows(outcome, site)}\n\n{_end_of(outcome.log)}")
    if outcome.run:
        parts.append(f"\n[The whole log]({outcome.run})\n")
    return "".join(parts)


def in_short(outcome: Outcome) -> str:
    """Return in one line of plain text how a deployment ended."""
    return _headline(outcome).replace("`", "")


def links(site: Site) -> list[tuple[str, str]]:
    """Return what answers at a site, and where."""
    if site.reached is None:
        return []
    services = [(name, site.url(name)) for name in sorted(site.patterns) if name != "z-peak"]
    objects = layers.objects_url(site)
    return [*services, *([("object storage (S3)", objects)] if objects else [])]


def _headline(outcome: Outcome) -> str:
    what = f"`{outcome.revision[:12]}`"
    if outcome.passed:
        return f"{what} is deployed and has passed its smoke tests"
    if outcome.reverted:
        return f"{what} failed, and `{outcome.reverted[:12]}` was put back"
    if not outcome.started:
        return f"{what} could not be deployed"
    return f"{what} failed"


def _follows(outcome: Outcome, site: Site) -> str:
    rest = "No later wave was deployed."
    if not outcome.started:
        return f"{rest} Nothing was changed at the site: what is missing stands in the log."
    if outcome.reverted:
        return (
            f"{rest} `{outcome.reverted[:12]}` runs again and has passed its smoke tests; the "
            "branch still has the failed change: revert it there, or mend it."
        )
    if outcome.failed_back:
        return (
            f"{rest} **The last good revision could not be put back either**: what runs now is a "
            f"mixture. `sslab rollback {site.name}` tries again."
        )
    if site.rollout.on_failure == "revert":
        return f"{rest} There is no earlier good revision that could be put back."
    return (
        f"{rest} What was deployed stays as it is (`rollout.on_failure: stop`). "
        f"`sslab rollback {site.name}` puts the revision before back."
    )


def _end_of(log: str) -> str:
    """Return the end of a log as a block that nothing in it can close."""
    shown = [each[:LINE] for each in lines(log) if each.strip()][-LOG_LINES:]
    if not shown:
        return ""
    fence = "`" * max(3, longest_run("".join(shown)) + 1)
    return "\n".join((f"{fence}text", *shown, fence, ""))
