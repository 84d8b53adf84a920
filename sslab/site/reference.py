"""The reference page of the site file, made from its schema.

`python -m sslab.site.reference > docs/site-file.md` writes it anew.
"""

from __future__ import annotations

from collections.abc import Iterator

from sslab.site.model import Site
from sslab.site.schema import Node, Schema, is_quantity, scalar, schema_of
from sslab.site.spelling import form_of

_INTRODUCTION = """\
# The site file

One YAML file under `sites/` describes one site, and nothing else does: `sites/chicago.yaml` is the
site `chicago`. Below is every field. A field that is not listed here is refused, so that a slip of
the pen does not pass for a setting.

The smallest file that is complete:
"""

_RULES = """\
## What is checked beyond the single field

- `name` is the name of the file, and no two sites have the same `name` or `ingress.domain`.
- No two embedded clusters have the same `ingress.port`, and no two sites on the same kubeconfig
  context have the same `load_balancing.http`.
- Every name under `patterns` is a pattern of this repository, and its settings are right.
- A pattern that needs object storage has the bucket of its name in `object_storage.buckets`.
- The site offers what each pattern needs; the message names the field that would have to change.
- What all patterns request together is within `quota`, and what they and `object_storage` claim is
  within `storage.capacity`.
- No bucket is listed twice.
- Nothing looks like a password, a token or a private key: those are kept in the stack's encrypted
  configuration and never in this file.

## How YAML is read

The file is UTF-8, holds one YAML 1.2 document, and is at most 256 KiB. Words such as `yes` and `on`
are text; the truth values are `true` and `false`. A number has no quotes and no leading zero.
Anchors, aliases, merge keys and tags are refused: whoever reviews the file sees every value where
it counts.

Each problem is one line, and all problems of all files are told in one run:

    sites/nyu.yaml:14:11: ingress.domain: "nyu_2.edu" is not a DNS name; did you mean "nyu-2.edu"?
"""


def reference_page() -> str:
    """Return the page as Markdown."""
    schema = schema_of(Site)
    parts = [_INTRODUCTION, "```yaml", *_smallest(schema, schema.root), "```", ""]
    parts += ["## Top level", "", *_table(schema, schema.root)]
    for name, node in schema.root["properties"].items():
        parts += _section(schema, name, schema.resolve(node))
    return "\n".join([*parts, _RULES])


def _smallest(schema: Schema, node: Node, indentation: str = "") -> Iterator[str]:
    """Yield the lines of a file with the required fields only."""
    for name, field in schema.required(node):
        field = schema.resolve(field)
        field = next(iter(schema.kinds(field).values()), field)
        if "properties" in field:
            yield f"{indentation}{name}:"
            yield from _smallest(schema, field, indentation + "  ")
        else:
            yield f"{indentation}{name}: {schema.example(field)}"


def _section(schema: Schema, path: str, node: Node) -> Iterator[str]:
    """Yield the section of a mapping, a list of mappings or a union, and of those within it."""
    members = schema.kinds(node)
    item = schema.resolve(node.get("items", {}))
    if members:
        yield from (f"## `{path}`", "", node.get("description", ""), "")
        for tag, member in sorted(members.items()):
            yield from (f"### `{path}` of kind `{tag}`", "", member["description"], "")
            yield from _table(schema, member)
    elif "properties" in node:
        yield from (f"## `{path}`", "", node["description"], "", *_table(schema, node))
    elif "properties" in item:
        yield from (f"## `{path}[]`", "", item["description"], "", *_table(schema, item))
    for mapping in (*members.values(), node, item):
        for name, field in mapping.get("properties", {}).items():
            yield from _section(schema, f"{path}.{name}", schema.resolve(field))


def _table(schema: Schema, node: Node) -> Iterator[str]:
    yield "| Field | Value | Default | Meaning |"
    yield "|---|---|---|---|"
    for name, field in node["properties"].items():
        is_required = name in node.get("required", ())
        meaning = schema.resolve(field).get("description", "")
        cells = (
            f"`{name}`",
            _value(schema, field),
            "*required*" if is_required else _default(field),
            meaning or "Which of the kinds this is.",
        )
        yield (
            "| "
            + " | ".join(cell.replace("|", "\\|").replace("<", "&lt;") for cell in cells)
            + " |"
        )
    yield ""


def _default(field: Node) -> str:
    default = field.get("default")
    if default is None:
        return "none"
    if isinstance(default, dict):
        return "the defaults below" if default else "`{}`"
    return "`[]`" if default == [] else f"`{scalar(default)}`"


def _value(schema: Schema, field: Node) -> str:
    """Return what a field may hold, in words."""
    node = schema.resolve(field)
    form = form_of(str(node.get("pattern")))
    if is_quantity(node):
        return "quantity, as in `500m` or `6Gi`"
    if form is not None:
        return form.what.removeprefix("a ").removeprefix("an ")
    options = node.get("enum") or (
        [node["const"]] if "const" in node else sorted(schema.kinds(node))
    )
    if options and not schema.kinds(node):
        return " or ".join(f"`{option}`" for option in options)
    if options:
        return "one of the kinds " + ", ".join(f"`{option}`" for option in options)
    if node.get("type") == "array":
        items = schema.resolve(node["items"])
        return f"list of: {'mappings' if 'properties' in items else _value(schema, items)}"
    if node.get("type") in ("integer", "number"):
        bounds = (("from", node.get("minimum")), ("to", node.get("maximum")))
        words = [f"{word} {bound}" for word, bound in bounds if bound is not None]
        return " ".join(["whole number" if node["type"] == "integer" else "number", *words])
    return {"boolean": "`true` or `false`", "object": "mapping"}.get(str(node.get("type")), "text")


if __name__ == "__main__":
    print(reference_page(), end="")
