"""Reading a YAML file into a Document, with bounded time and memory.

The events are read one by one, so that a bomb of nodes or of nesting stops at its limit before
anything of its size is built. Anchors, aliases, merge keys and tags are refused: these files
are read by people, and every value stands where it counts.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any

from sslab.site.diagnostics import Diagnostic
from sslab.site.document import (
    Document,
    FieldPath,
    Mark,
    Place,
    control_characters,
    dotted,
    place_of,
)
from sslab.site.events import Event, Kind, parse
from sslab.site.leaks import NO_PLACE, REMEDY, leaks_in
from sslab.site.scalars import ScalarError, resolve
from sslab.site.textfile import UnreadableError, read_text

MOST_NODES = 5_000
DEEPEST = 20
_NAMELESS = "?"
_MOST_OF_A_KIND = 20  # characters or secrets of which a file may be full: the first ones will do


def read_document(path: Path, shown_as: str) -> tuple[Document, tuple[Diagnostic, ...]]:
    """Read a YAML file that holds one mapping of fields.

    `shown_as` is what diagnostics call the file. A field that cannot be read is in
    `Document.broken` and has its diagnostic; a file that cannot be read at all gives a Document
    without data, broken as a whole. Raises nothing for what a file holds.
    """
    unread = Document(shown_as, None, broken=frozenset({()}))
    try:
        text = read_text(path)
    except UnreadableError as error:
        return unread, (unread.at(error.place, (), error.problem, error.remedy),)
    controls = tuple(_controls(unread, text))
    if controls:
        return unread, controls
    builder = _Builder(shown_as, text)
    try:
        document = builder.document()
    except UnreadableError as error:
        builder.problem(error.place, (), error.problem, error.remedy)
        document = unread
    leaks = list(_leaks(document, text, builder.marks))
    hidden = document.broken.union(path for path, _ in leaks if path)
    diagnostics = (*builder.diagnostics, *(diagnostic for _, diagnostic in leaks))
    return replace(document, broken=hidden), diagnostics


def _controls(document: Document, text: str) -> Iterator[Diagnostic]:
    for index, name in islice(control_characters(text), _MOST_OF_A_KIND):
        yield document.at(
            place_of(text, index),
            (),
            f"the control character {name} stands here, which an editor may not show",
            "delete it",
        )


def _leaks(
    document: Document, text: str, marks: dict[FieldPath, Mark]
) -> Iterator[tuple[FieldPath, Diagnostic]]:
    """Yield what looks like a secret, with the field whose value holds it (none: a comment)."""
    for leak in islice(leaks_in(text), _MOST_OF_A_KIND):
        place = place_of(text, leak.index)
        within = (
            path
            for path, mark in marks.items()
            if mark.text is not None and mark.value <= place < mark.end
        )
        path = next(within, ())
        yield path, document.at(place, path, f"this looks like {leak.what}, and {NO_PLACE}", REMEDY)


class _Builder:
    """Builds the data of one text from the parser's events."""

    def __init__(self, file: str, text: str) -> None:
        self.diagnostics: list[Diagnostic] = []
        self.marks: dict[FieldPath, Mark] = {}
        self._file = file
        self._events = parse(text)
        self._nodes = 0
        self._broken: set[FieldPath] = set()

    def document(self) -> Document:
        """Return the document. Raises UnreadableError."""
        next(self._events, None)  # the start of the document
        event = next(self._events, None)
        if event is None or (event.kind is Kind.SCALAR and event.start == event.end):
            raise UnreadableError("the file is empty", "docs/site-file.md shows what it holds")
        if event.kind is not Kind.MAPPING:
            raise UnreadableError(
                "the file does not consist of fields", 'write "field: value"', event.start
            )
        data = self._value(event, (), None)
        for event in self._events:
            if event.kind is Kind.DOCUMENT:
                raise UnreadableError(
                    "a second YAML document starts here",
                    'keep one document in a file, without a "---" line',
                    event.start,
                )
        return Document(self._file, data, self.marks, frozenset(self._broken))

    def problem(self, place: Place, path: FieldPath, problem: str, remedy: str) -> None:
        """Add a diagnostic; nothing below its field will be judged."""
        self.diagnostics.append(
            Diagnostic(self._file, place.line, place.column, dotted(path), problem, remedy)
        )
        self._broken.add(path)

    def _value(self, event: Event, path: FieldPath, key: Place | None) -> Any:
        """Return the data that starts with an event, and record where it stands."""
        start = event.start
        self._nodes += 1
        if self._nodes > MOST_NODES:
            raise UnreadableError(
                f"the file has more than {MOST_NODES} values", "keep nothing but facts in it", start
            )
        if len(path) > DEEPEST:
            raise UnreadableError(
                f"the nesting is deeper than {DEEPEST} levels", "check the brackets", start
            )
        self._refuse_references(event, path, start)
        self.marks[path] = Mark(key, start, event.end, event.text)
        if event.kind is Kind.MAPPING:
            return self._mapping(path)
        if event.kind is Kind.SEQUENCE:
            return self._sequence(path)
        return None if event.text is None else self._scalar(event.text, event, path)

    def _refuse_references(self, event: Event, path: FieldPath, start: Place) -> None:
        # Their names are not repeated: a password that starts with "*" or "&" reads as one.
        if event.kind is Kind.ALIAS or event.has_anchor:
            self.problem(
                start,
                path,
                'YAML anchors and aliases ("&" and "*") are not read here',
                'write the value out; put text that starts with "&" or "*" in quotes',
            )
        elif event.has_tag:
            self.problem(
                start,
                path,
                'YAML tags ("!") are not read here',
                'delete the tag; put text that starts with "!" in quotes',
            )

    def _mapping(self, path: FieldPath) -> dict[str, Any]:
        data: dict[str, Any] = {}
        while (event := next(self._events)).kind is not Kind.END:
            place = event.start
            name = self._key(event, path)
            below = (*path, name)
            following = next(self._events)
            if name not in data:
                data[name] = self._value(following, below, place)
                continue
            first = self.marks[below].key
            self._value(following, below, place)
            self.problem(
                place,
                below,
                f"is here a second time, after line {first.line if first else 0}",
                "keep one of the two",
            )
        return data

    def _key(self, event: Event, path: FieldPath) -> str:
        """Return a field's name; whatever else stands for one gets a diagnostic."""
        place, name = event.start, event.text
        if name is None:
            self._value(event, (*path, _NAMELESS), place)
            self.problem(
                place, (*path, _NAMELESS), "a field's name is not text", 'write "field: value"'
            )
            return _NAMELESS
        if next(control_characters(name), None):
            name = _NAMELESS
            self.problem(place, (*path, name), "a field's name holds control characters", "mend it")
        self._refuse_references(event, (*path, name), place)
        if event.is_plain:
            self._refuse_other_than_text(name, (*path, name), place)
        return name

    def _refuse_other_than_text(self, name: str, path: FieldPath, place: Place) -> None:
        if not name:
            self.problem(place, path, "a field without a name", "name it or delete the line")
        elif name == "<<":
            self.problem(place, path, "YAML merge keys are not read here", "write the fields out")
            self._broken.add(path[:-1])  # what it would have brought is not missing
        elif not isinstance(_resolved(name), str):
            self.problem(
                place, path, "YAML takes this name for a value that is not text", "put it in quotes"
            )

    def _sequence(self, path: FieldPath) -> list[Any]:
        data: list[Any] = []
        while (event := next(self._events)).kind is not Kind.END:
            data.append(self._value(event, (*path, len(data)), None))
        return data

    def _scalar(self, text: str, event: Event, path: FieldPath) -> Any:
        if event.is_plain:
            try:
                return resolve(text)
            except ScalarError as error:
                self.problem(event.start, path, f"the value {error}", "write a number in its range")
                return None
        for _, name in control_characters(text):
            self.problem(
                event.start, path, f"the value holds the control character {name}", "take it out"
            )
            return None
        return text


def _resolved(text: str) -> object:
    try:
        return resolve(text)
    except ScalarError:
        return None
