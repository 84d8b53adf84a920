"""The reference page of the site file, made from its schema.

`python -m sslab.site.reference > docs/site-file.md` writes it anew.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from pydantic import BaseModel

from sslab.site.facts import Fact
from sslab.site.forms import form_of
from sslab.site.model import Site
from sslab.site.reference_text import INTRODUCTION, PROVENANCE, RULES
from sslab.site.schema import Node, Schema, flow, is_quantity, schema_of

PROVENANCE_FIELDS = tuple(Fact.model_fields)

_SMALLEST: Mapping[str, str | None] = {
    # what an active site needs, by the kind that takes the least knowledge of the cluster
    "cluster": "existing",
    "quota": None,
    "storage": None,
    "ingress": "traefik",
    "load_balancing": "node-ports",
}
_NEEDED_BY_ACTIVE = ("context",)


def reference_page() -> str:
    """Return the page as Markdown."""
    return "\n".join(_Page(schema_of(Site)).lines())


def sections(model: type[BaseModel]) -> Iterator[str]:
    """Yield the tables of all fields of a model, as Markdown."""
    page = _Page(schema_of(model))
    yield from page.fields()


def is_fact(node: Node) -> bool:
    """Tell whether a mapping says where its values come from."""
    return set(PROVENANCE_FIELDS) <= set(node.get("properties", ()))


class _Page:
    """The page of one schema."""

    def __init__(self, schema: Schema) -> None:
        self._schema = schema
        self._told: set[str] = set()  # several kinds may have the same part: it is told once

    def lines(self) -> Iterator[str]:
        """Yield the page."""
        root = self._schema.root
        yield from (INTRODUCTION, "```yaml", *self._smallest(root), "```", "")
        yield from (PROVENANCE, *self._rows(schema_of(Fact).root), "")
        yield from self.fields()
        yield RULES

    def fields(self) -> Iterator[str]:
        """Yield the table of every mapping, the file itself first."""
        root = self._schema.root
        yield from ("## Top level", "", *self._table(root))
        for name, node in root["properties"].items():
            yield from self._section(name, node, 2)

    def _smallest(self, node: Node, indentation: str = "") -> Iterator[str]:
        """Yield the lines of the shortest file of a site that can be deployed to."""
        for name, given in node["properties"].items():
            is_top = not indentation
            needed = _SMALLEST if is_top else (*_NEEDED_BY_ACTIVE, "kind")
            if name not in needed and name not in node.get("required", ()):
                continue
            field = self._schema.resolve(given)
            field = self._schema.kinds(field).get(str(_SMALLEST.get(name)), field)
            if "properties" in field:
                yield f"{indentation}{name}:"
                yield from self._smallest(_kind_first(field), indentation + "  ")
            else:
                yield f"{indentation}{name}: {self._schema.example(field)}"

    def _section(self, path: str, given: Node, level: int) -> Iterator[str]:
        """Yield the section of a mapping, a list of mappings or a union, and of those within it."""
        node = self._schema.resolve(given)
        kinds = self._schema.kinds(node)
        item = self._schema.resolve(node.get("items", {}))
        if path in self._told or not self._has_section(node):
            return
        self._told.add(path)
        mapping = item if "properties" in item else node
        yield from (f"{'#' * level} {_heading(path, mapping is item)}", "")
        yield from (node["description"], "")
        if kinds:
            for tag, member in sorted(kinds.items()):
                yield from (f"{'#' * (level + 1)} `{path}` of kind `{tag}`", "")
                yield from (member["description"], "", *self._table(member, path, is_kind=True))
        else:
            if mapping is item:
                yield from (f"Each: {_lower(item['description'])}", "")
            yield from self._table(mapping, path)
        for one in (*kinds.values(), mapping):
            for name, field in one.get("properties", {}).items():
                yield from self._section(f"{path}.{name}", field, level + 1)

    def _has_section(self, node: Node) -> bool:
        item = self._schema.resolve(node.get("items", {}))
        return bool("properties" in node or "properties" in item or self._schema.kinds(node))

    def _table(self, node: Node, path: str = "", *, is_kind: bool = False) -> Iterator[str]:
        """Yield the table of a mapping's fields; where values come from is told elsewhere."""
        hidden = {*(PROVENANCE_FIELDS if is_fact(node) else ()), *(["kind"] if is_kind else ())}
        fields = {name: each for name, each in node["properties"].items() if name not in hidden}
        if fields:
            yield from self._rows({**node, "properties": fields}, path)
        else:
            yield "It has no further fields."
        if is_fact(node):
            yield from ("", "Takes `source`, `date` and `confidence` as well.")
        yield ""

    def _rows(self, node: Node, path: str = "") -> Iterator[str]:
        yield from ("| Field | Value | Default | Meaning |", "|---|---|---|---|")
        for name, field in node["properties"].items():
            cells = (
                f"`{name}`",
                self._linked(f"{path}.{name}".lstrip("."), field),
                "*required*" if name in node.get("required", ()) else _default(field),
                self._schema.resolve(field)["description"],
            )
            escaped = (cell.replace("|", "\\|").replace("<", "&lt;") for cell in cells)
            yield f"| {' | '.join(escaped)} |"

    def _linked(self, path: str, field: Node) -> str:
        """Return what a field may hold, with a link to the section that tells more."""
        node = self._schema.resolve(field)
        text = self._value(node)
        if not self._has_section(node):
            return text
        heading = _heading(path, "items" in node)
        return f"[{text}](#{re.sub(r'[^a-z0-9_ -]', '', heading.lower())})"

    def _value(self, node: Node) -> str:
        """Return what a field may hold, in words."""
        kinds = sorted(self._schema.kinds(node))
        options = node.get("enum") or ([node["const"]] if "const" in node else [])
        if kinds:
            return "one of the kinds " + ", ".join(f"`{kind}`" for kind in kinds)
        if options:
            return " or ".join(f"`{option}`" for option in options)
        text = _form(node)
        if node.get("type") == "array":
            items = self._schema.resolve(node["items"])
            if "properties" in items:
                return "list of: mappings"
            text = f"list of: {self._value(items)}"
        examples = node.get("examples")
        is_plain = node.get("type") != "boolean"
        return f"{text}, as in `{flow(examples[0])}`" if examples and is_plain else text


def _kind_first(node: Node) -> Node:
    """Return a mapping with its kind before everything else."""
    fields = node["properties"]
    return {
        **node,
        "properties": {name: fields[name] for name in sorted(fields, key="kind".__ne__)},
    }


def _heading(path: str, is_list: bool) -> str:
    return f"`{path}[]`" if is_list else f"`{path}`"


def _lower(text: str) -> str:
    return text[0].lower() + text[1:]


def _default(field: Node) -> str:
    default = field.get("default")
    if default is None:
        return "none"
    if isinstance(default, dict):
        return "the defaults below" if default else "`{}`"
    return '`""`' if default == "" else f"`{flow(default)}`"


def _form(node: Node) -> str:
    form = form_of(str(node.get("pattern")))
    if is_quantity(node):
        return "quantity"
    if form is not None:
        return form.what.removeprefix("a ").removeprefix("an ")
    if node.get("type") in ("integer", "number"):
        bounds = (
            ("from", node.get("minimum")),
            ("above", node.get("exclusiveMinimum")),
            ("to", node.get("maximum")),
        )
        words = [f"{word} {bound}" for word, bound in bounds if bound is not None]
        return " ".join(["whole number" if node["type"] == "integer" else "number", *words])
    return {"boolean": "`true` or `false`", "object": "mapping"}.get(str(node.get("type")), "text")


if __name__ == "__main__":
    print(reference_page(), end="")
