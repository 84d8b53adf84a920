"""The JSON Schema of a site file, and finding one's way in such a schema."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from pydantic import BaseModel

from sslab.site.document import FieldPath
from sslab.site.model import Site
from sslab.site.types import QUANTITY

Node = dict[str, Any]

KEY = "[key]"
"""What pydantic puts at the end of a location that means the key and not the value."""


def json_schema() -> Node:
    """Return the JSON Schema (draft 2020-12) of a site file, for editors."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **Site.model_json_schema()}


@cache
def schema_of(model: type[BaseModel]) -> Schema:
    """Return the schema of a model."""
    return Schema(model.model_json_schema())


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a location of pydantic's leads: the field's path and what the schema says of it.

    `holder` is the schema of the mapping that holds the field, `is_key` says that the location
    means the field's name, `kind` is the holder's tag (`local`) where it belongs to a union.
    """

    path: FieldPath
    node: Node
    holder: Node
    is_key: bool = False
    kind: str | None = None


class Schema:
    """A JSON Schema as pydantic makes it, with its references resolved."""

    def __init__(self, root: Node) -> None:
        self.root = root
        self._definitions: dict[str, Node] = root.get("$defs", {})

    def resolve(self, node: Node) -> Node:
        """Return the node with its reference followed, and without the alternative of null."""
        while True:
            options = [each for each in node.get("anyOf", ()) if each.get("type") != "null"]
            if "$ref" in node:
                name = node["$ref"].removeprefix("#/$defs/")
                beside = {key: value for key, value in node.items() if key != "$ref"}
                node = {**self._definitions[name], **beside}
            elif len(options) == 1:
                beside = {key: value for key, value in node.items() if key != "anyOf"}
                node = {**options[0], **beside}
            else:
                return node

    def kinds(self, node: Node) -> dict[str, Node]:
        """Return the members of a tagged union by their tags; nothing for any other node."""
        mapping: dict[str, str] = node.get("discriminator", {}).get("mapping", {})
        return {tag: self.resolve({"$ref": reference}) for tag, reference in mapping.items()}

    def fields(self, node: Node) -> set[str]:
        """Return the names of a mapping's fields, of all its kinds where it is a union."""
        node = self.resolve(node)
        return {
            name
            for each in (node, *self.kinds(node).values())
            for name in each.get("properties", {})
        }

    def locate(self, location: FieldPath, data: Any) -> Spot:
        """Return where a pydantic error's location leads in the data.

        Locations hold the tags of unions between the names of fields; the schema tells them apart.
        """
        node, holder = self.resolve(self.root), self.root
        path: FieldPath = ()
        tag: str | None = None
        kind: str | None = None
        for position, piece in enumerate(location):
            members = self.kinds(node)
            if piece in members:
                node, tag = members[str(piece)], str(piece)
                continue
            is_last = position == len(location) - 1
            if is_last and piece == KEY and not (isinstance(data, dict) and KEY in data):
                return Spot(path, node, holder, is_key=True, kind=kind)
            below = self._below(node, piece)
            if below is None:
                continue  # the name of an alternative of a union without tags
            path = (*path, piece)
            node, holder = self.resolve(below), node
            kind, tag = tag, None
            data = _item(data, piece)
        return Spot(path, node, holder, kind=kind)

    def _below(self, node: Node, piece: str | int) -> Node | None:
        """Return the schema of a field or an item, None where the node can have none."""
        if isinstance(piece, int):
            items: Node | None = node.get("items")
            return items
        if "properties" in node or node.get("type") == "object":
            fields: dict[str, Node] = node.get("properties", {})
            if piece in fields:
                return fields[piece]
            rest = node.get("additionalProperties")
            by_pattern = list(node.get("patternProperties", {}).values())
            return rest if isinstance(rest, dict) else (by_pattern or [{}])[0]
        return None

    def example(self, node: Node) -> str:
        """Return an example of a value as one line of YAML."""
        node = self.resolve(node)
        if node.get("examples"):
            return flow(node["examples"][0])
        for given in ("const", "default"):
            if isinstance(node.get(given), str | int | float):
                return scalar(node[given])
        if node.get("enum"):
            return scalar(node["enum"][0])
        members = list(self.kinds(node).values())
        if members:
            return self.example(members[0])
        if "properties" in node:
            pairs = (f"{name}: {self.example(field)}" for name, field in self.required(node))
            return "{" + ", ".join(pairs) + "}"
        return _EXAMPLES.get(str(node.get("type")), "...")

    def required(self, node: Node) -> Iterator[tuple[str, Node]]:
        """Yield the fields that a mapping cannot go without, and its kind."""
        for name, field in node.get("properties", {}).items():
            if name in node.get("required", ()):
                yield name, field


_EXAMPLES = {"array": "[]", "object": "{}", "integer": "1", "number": "1.0", "boolean": "true"}


def is_quantity(node: Node) -> bool:
    """Tell whether the field is a Kubernetes quantity."""
    return any(each.get("pattern") == QUANTITY for each in (node, *node.get("anyOf", ())))


def scalar(value: object) -> str:
    """Return a scalar as YAML, with quotes where it would else be read as something else."""
    if isinstance(value, bool):
        return "true" if value else "false"
    text = str(value)
    needs_quotes = text.replace(".", "", 1).isdigit() or text.startswith("@")
    return f'"{text}"' if isinstance(value, str) and needs_quotes else text


def flow(value: object) -> str:
    """Return a value as one line of YAML."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{name}: {flow(each)}" for name, each in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(flow(each) for each in value) + "]"
    return scalar(value)


def _item(data: Any, piece: str | int) -> Any:
    try:
        return data[piece]
    except (KeyError, IndexError, TypeError):
        return None
