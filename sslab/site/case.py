"""One error of the schema, with all there is to explain it from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

from pydantic_core import ErrorDetails

from sslab.site.document import Document, FieldPath, dotted, shown
from sslab.site.schema import Node, Schema, Spot


class Verdict(NamedTuple):
    """What is wrong with the field at a path, and the remedy."""

    path: FieldPath
    problem: str
    remedy: str
    is_about_key: bool = False


@dataclass(frozen=True, slots=True)
class Case:
    """One error, with all there is to explain it from."""

    document: Document
    schema: Schema
    spot: Spot
    path: FieldPath
    detail: ErrorDetails
    base: FieldPath
    root: str

    @property
    def node(self) -> Node:
        """The schema of the value."""
        return self.spot.node

    @property
    def value(self) -> Any:
        """The value in the file, which a validator of the schema may have changed."""
        return self.document.get(*self.path)

    @property
    def context(self) -> dict[str, Any]:
        """What pydantic adds to the error's type: a bound, a pattern, ..."""
        return self.detail.get("ctx", {})

    @property
    def name(self) -> str:
        """The field's name; for an item of a list its index."""
        return str(self.path[-1]) if self.path else ""

    @property
    def shown(self) -> str:
        """The value as messages repeat it."""
        return shown_at(self.document, self.path, self.value)

    @property
    def holder(self) -> str:
        """What messages call the mapping that holds the field."""
        parent = self.path[:-1]
        name = self.root if parent == self.base else dotted(parent)
        return f"{name} of kind {self.spot.kind}" if self.spot.kind else name

    def of(self, problem: str, remedy: str) -> Verdict:
        """Return a verdict about the value."""
        return Verdict(self.path, problem, remedy)

    def example(self) -> str:
        """Return `as in "domain: ssl.example.edu"`."""
        value = self.schema.example(self.node)
        is_item = not self.path or isinstance(self.path[-1], int)
        return f'as in "{value if is_item else f"{self.name}: {value}"}"'


def shown_at(document: Document, path: FieldPath, value: Any) -> str:
    """Return the value of a field as messages repeat it."""
    if isinstance(value, str):
        return shown(value)
    mark = document.marks.get(path)
    if value is None or mark is None or mark.text is None:
        return "this"
    return mark.text


def described(case: Case) -> str:
    """Return the remedy for a value of which only the field's description says what it is."""
    description = str(case.node.get("description", "")).rstrip(".")
    return f"it is for: {description}" if description else f"write it {case.example()}"
