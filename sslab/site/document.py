"""A YAML file as plain data that still knows where every field stands."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from sslab.site.diagnostics import Diagnostic
from sslab.site.leaks import leaks_in

FieldPath = tuple[str | int, ...]


class Place(NamedTuple):
    """A position in a file, counted from 1."""

    line: int
    column: int


START = Place(1, 1)


@dataclass(frozen=True, slots=True)
class Mark:
    """Where one field stands: its key (none in a list), its value, and how a scalar is written."""

    key: Place | None
    value: Place
    end: Place
    text: str | None


@dataclass(frozen=True)
class Document:
    """One file's data, its positions, and the fields that could not be read.

    `data` is made of dict, list, str, int, float, bool and None. Nothing below a path in `broken`
    should be judged: it has its diagnostic already.
    """

    file: str
    data: Any
    marks: Mapping[FieldPath, Mark] = field(default_factory=dict)
    broken: frozenset[FieldPath] = frozenset()

    def get(self, *path: str | int) -> Any:
        """Return the value at the path, None where there is nothing."""
        value = self.data
        for piece in path:
            try:
                value = value[piece]
            except (KeyError, IndexError, TypeError):
                return None
        return value

    def is_broken(self, path: FieldPath) -> bool:
        """Tell whether the field, or one that holds it, could not be read."""
        return any(path[:length] in self.broken for length in range(len(path) + 1))

    def value_place(self, path: FieldPath) -> Place:
        """Return where the value stands; without one, the key; without both, what holds it."""
        mark = self.marks.get(path)
        if mark is None:
            return self.key_place(path[:-1]) if path else START
        is_empty = mark.value == mark.end  # nothing is written: YAML's position is of no use
        return mark.key if is_empty and mark.key else mark.value

    def key_place(self, path: FieldPath) -> Place:
        """Return where the key stands; for an item of a list, the item."""
        mark = self.marks.get(path)
        if mark is None:
            return self.key_place(path[:-1]) if path else START
        return mark.key or mark.value

    def at_value(self, path: FieldPath, problem: str, remedy: str) -> Diagnostic:
        """Return a diagnostic about the value of a field."""
        return self.at(self.value_place(path), path, problem, remedy)

    def at_key(self, path: FieldPath, problem: str, remedy: str) -> Diagnostic:
        """Return a diagnostic about the field itself, or about one that it lacks."""
        return self.at(self.key_place(path), path, problem, remedy)

    def at(self, place: Place, path: FieldPath, problem: str, remedy: str) -> Diagnostic:
        """Return a diagnostic at a place of this file."""
        return Diagnostic(self.file, place.line, place.column, dotted(path), problem, remedy)


def dotted(path: FieldPath) -> str:
    """Return a path as it is printed: `object_storage.buckets[1]`."""
    text = ""
    for piece in path:
        if isinstance(piece, int):
            text += f"[{piece}]"
        else:
            text += ("." if text else "") + shown_name(piece)
    return text


def shown_name(name: str) -> str:
    """Return a field's name as it is printed: quoted where it is no plain word, never long."""
    plain = re.fullmatch(r"[\w-]{1,63}", name)
    return name if plain else shown(name)


def shown(text: str) -> str:
    """Return a value as it is printed: in quotes, shortened, hidden when it looks like a secret."""
    if next(leaks_in(text), None):
        return "what stands here"
    short = text if len(text) <= 60 else text[:57] + "..."
    escaped = short.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


# Control characters, line ends and separators that editors do not count, marks that turn the
# direction of writing (what is read is not what is meant), the byte-order mark, and halves of
# surrogate pairs.
_CONTROL = re.compile(
    "\r(?!\n)|[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069"
    "\ud800-\udfff\ufeff\ufffe\uffff]"
)


def control_characters(text: str) -> Iterator[tuple[int, str]]:
    """Yield index and name (`U+0007`) of each character that no field may hold."""
    for match in _CONTROL.finditer(text):
        yield match.start(), f"U+{ord(match.group()):04X}"


def place_of(text: str, index: int) -> Place:
    """Return line and column of the character at an index."""
    line_start = text.rfind("\n", 0, index) + 1
    return Place(text.count("\n", 0, index) + 1, index - line_start + 1)
