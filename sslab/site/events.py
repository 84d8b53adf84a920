"""A YAML text as a stream of events, read quickly where nothing depends on who reads it.

libyaml, which reads YAML 1.1, is some twenty times as fast as ruamel.yaml, which reads YAML 1.2 and
words its complaints as `sslab.site.syntax` knows them. So libyaml's events are taken where it reads
the whole text and the text holds nothing that the two read differently. Every other text, and so
every wrong one, is read by ruamel.yaml alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import Enum
from typing import Any, NamedTuple

import yaml

from sslab.site.document import START, Place
from sslab.site.textfile import UnreadableError


class Kind(Enum):
    """What an event says."""

    DOCUMENT = "a document starts"
    MAPPING = "a mapping starts"
    SEQUENCE = "a sequence starts"
    SCALAR = "a scalar"
    ALIAS = "an alias"
    END = "the mapping or sequence ends"


class Event(NamedTuple):
    """One step through a text: what comes, from where to where, and a scalar's text."""

    kind: Kind
    start: Place
    end: Place
    text: str | None = None
    is_plain: bool = False
    has_anchor: bool = False
    has_tag: bool = False


# Both libraries give their events the same names.
_KINDS = {
    "DocumentStartEvent": Kind.DOCUMENT,
    "MappingStartEvent": Kind.MAPPING,
    "SequenceStartEvent": Kind.SEQUENCE,
    "ScalarEvent": Kind.SCALAR,
    "AliasEvent": Kind.ALIAS,
    "MappingEndEvent": Kind.END,
    "SequenceEndEvent": Kind.END,
}
_DEEPER = {Kind.MAPPING: 1, Kind.SEQUENCE: 1, Kind.END: -1}

# What the two read differently, or might: tabs and carriage returns as white space, directives and
# the ends of documents, and `"a":b`, which libyaml takes for a pair even in a list.
_READ_DIFFERENTLY = re.compile(r"[\t\r]|^(?:%|\.\.\.)|[\"']:\S", re.MULTILINE)

# The head of a block scalar and the start of its first line, as both read them.
_BLOCK_SCALAR = re.compile(r"[|>][-+]?\n *[^ \n]")

_END = Event(Kind.END, START, START)  # where it stands nobody asks, and the two differ

# What has more events or is deeper is left to ruamel.yaml, which is read event by event, and so no
# further than to the limits of who asks. libyaml's time grows with the square of the depth.
_MOST_EVENTS = 20_000
_DEEPEST = 50


def parse(text: str) -> Iterator[Event]:
    """Yield the events of a text. Raises UnreadableError where the text is not YAML."""
    events = quick_events(text)
    return careful_events(text) if events is None else iter(events)


def quick_events(text: str) -> list[Event] | None:
    """Return the events that libyaml finds, None where ruamel.yaml might find others."""
    if not yaml.__with_libyaml__ or _READ_DIFFERENTLY.search(text):
        return None
    events: list[Event] = []
    depth = 0
    try:
        for found in yaml.parse(text, Loader=yaml.CSafeLoader):
            event = _event(found)
            if event is None:
                continue
            depth += _DEEPER.get(event.kind, 0)
            if depth > _DEEPEST or len(events) == _MOST_EVENTS or _is_doubtful(event, found, text):
                return None
            events.append(event)
    except yaml.YAMLError:  # ruamel.yaml, which reads the text next, says what is wrong with it
        return None
    return events


def careful_events(text: str) -> Iterator[Event]:
    """Yield the events that ruamel.yaml finds. Raises UnreadableError where it is not YAML."""
    # imported here because the files that are right can do without
    from ruamel.yaml import YAML

    from sslab.site.syntax import explain_syntax

    try:
        for found in YAML(typ="safe", pure=True).parse(text):
            event = _event(found)
            if event is not None:
                yield event
    except Exception as error:  # the parser raises more than its own errors for wrong escapes
        place, problem, remedy = explain_syntax(error, text)
        raise UnreadableError(problem, remedy, place) from None


def _event(found: Any) -> Event | None:
    """Return the event of either library as ours, None where a document or the text ends."""
    kind = _KINDS.get(type(found).__name__)
    if kind is None:
        return None
    if kind is Kind.END:
        return _END
    start, end = found.start_mark, found.end_mark
    return Event(
        kind,
        Place(start.line + 1, start.column + 1),
        Place(end.line + 1, end.column + 1),
        found.value if kind is Kind.SCALAR else None,
        kind is Kind.SCALAR and not found.style,
        getattr(found, "anchor", None) is not None,
        getattr(found, "tag", None) is not None,
    )


def _is_doubtful(event: Event, found: Any, text: str) -> bool:
    """Tell whether ruamel.yaml might read otherwise what libyaml found."""
    if event.has_anchor or event.has_tag:
        return True
    if event.kind is not Kind.SCALAR:
        return False
    if event.is_plain:  # where nothing is written they place it differently
        return event.start == event.end
    return found.style in "|>" and not _BLOCK_SCALAR.match(text, found.start_mark.index)
