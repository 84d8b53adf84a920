"""The report on drift: for a terminal, for an issue, for programs."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any, Final

from pydantic import TypeAdapter

from sslab.drift.model import FieldDrift, ObjectDrift, SiteDrift
from sslab.errors import SslabError
from sslab.plan.markdown import code
from sslab.plan.secrecy import clean, line, value_text

LIMIT: Final = 60_000
"""The longest report in Markdown, in characters: GitHub takes 65,536, and a workflow adds some."""

MEANING: Final = {
    "clean": "what is there is what was deployed",
    "unknown": "what is there could not be read; that is no drift",
}


def as_json(sites: Sequence[SiteDrift]) -> str:
    """Return the report as one JSON document, with the same order for the same drift."""
    return json.dumps(clean({"sites": [_document(site) for site in sites]}), indent=1)


def _document(site: SiteDrift) -> dict[str, Any]:
    return {
        "site": site.site,
        "status": site.status,
        "why": site.why or None,
        "objects": [asdict(each) for each in site.objects],
    }


def read_json(text: str) -> list[SiteDrift]:
    """Return the report that `as_json` has written. Raises SslabError where it is none."""
    try:
        documents = json.loads(text)["sites"]
        known = [{**each, "why": each.get("why") or ""} for each in documents]
        return TypeAdapter(list[SiteDrift]).validate_python(known)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise SslabError(
            f"this is no report on drift: {error}",
            remedy="it has to be what `sslab drift --format json` prints",
        ) from None


def as_text(sites: Sequence[SiteDrift]) -> Iterator[str]:
    """Yield the lines of the report for a terminal."""
    width = max((len(site.site) for site in sites), default=0)
    for site in sites:
        said = line(site.why) if site.status == "unknown" else _summary(site)
        yield f"{site.site:{width}}  {site.status:8} {said}"
        for each in site.objects:
            yield from (f"  {text}" for text in object_lines(each))


def object_lines(drift: ObjectDrift) -> Iterator[str]:
    """Yield the lines about one object: what it is, and its fields below."""
    yield f"{line(drift.label)}  {drift.change}"
    for field in drift.fields:
        values = f"{value_text(field.deployed)} -> {value_text(field.found)}"
        yield f"  {line(field.path)}: {values}{_who(field, ', by ')}"


def as_markdown(sites: Sequence[SiteDrift]) -> str:
    """Return the report as the body of an issue, never longer than GitHub takes."""
    text = "\n".join(part for site in sites for part in _section(site))
    if len(text) <= LIMIT:
        return text + "\n"
    kept = text[:LIMIT].rpartition("\n")[0]
    return f"{kept}\n\nLeft out for want of room: the rest; `sslab drift` shows it.\n"


def _section(site: SiteDrift) -> Iterator[str]:
    yield f"### {site.site}: {site.status}\n"
    if site.status != "drifted":
        yield f"{code(site.why, 2000) if site.why else MEANING[site.status].capitalize()}.\n"
        return
    yield f"{_summary(site).capitalize()}.\n"
    yield "| object | field | deployed | found | changed by |"
    yield "|---|---|---|---|---|"
    for each in site.objects:
        if not each.fields:
            yield f"| {_cell(each.label)} | | | **{each.change}** | |"
        for field in each.fields:
            cells = (each.label, field.path, value_text(field.deployed), value_text(field.found))
            shown = " | ".join(map(_cell, cells))
            yield f"| {shown} | {_cell(_who(field, '')) if field.by else 'not told'} |"
    yield (
        f"\n`sslab up {site.site} --heal` puts all of it back. To keep a change, write it into the "
        "site's file or the component (docs/drift.md).\n"
    )


def _cell(text: str) -> str:
    """Return a text of unknown content as a cell of a table."""
    return code(text).replace("|", "\\|")


def _summary(site: SiteDrift) -> str:
    if site.status != "drifted":
        return MEANING[site.status]
    gone = sum(each.change == "gone" for each in site.objects)
    changed = len(site.objects) - gone
    counts = [f"{count} {word}" for count, word in ((changed, "changed"), (gone, "gone")) if count]
    return f"of what was deployed: {', '.join(counts)}"


def _who(field: FieldDrift, before: str) -> str:
    if field.by is None:
        return ""
    return f"{before}{line(field.by)}" + (f" at {line(field.at)}" if field.at else "")
