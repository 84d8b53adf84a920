"""A site file with every field in it, each explained: a manual to copy from.

`python -m sslab.site.sample > docs/site-file-sample.yaml` writes it anew.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from textwrap import wrap

from sslab.site.model import Site
from sslab.site.reference import PROVENANCE_FIELDS, is_fact
from sslab.site.schema import Node, Schema, flow, schema_of

_HEADER = """\
# yaml-language-server: $schema=../schema/site.json
# A site file with every field in it, to read and to copy from. It is made from the schema:
# python -m sslab.site.sample > docs/site-file-sample.yaml
#
# Where a part can be of several kinds, one is written out and the others follow it, commented out
# as "#part:". To use one, delete the one above and take away the first "#" of each of its lines.
# docs/site-file.md says what is checked; `sslab site add` writes a file with what is usual only.
"""
_WIDTH = 100
_KINDS: Mapping[str, str] = {
    "cluster": "existing",
    "ingress": "traefik",
    "ingress.tls": "issuer",
    "load_balancing": "metallb",
    "object_storage": "seaweedfs",
    "cvmfs": "class",
    "scheduling": "none",
}
_VALUES: Mapping[str, object] = {
    # where the schema's own examples would not agree with each other
    "name": "site-file-sample",
    "location.confidence": "public",
    "ingress.port": 443,
    "network.egress": "listed",
    "object_storage.buckets": ["z-peak"],
    "patterns": {"z-peak": {}},
}
_NOTHING: Mapping[str, object] = {}
_ITEM = "-"
_COMMENTED_OUT = {
    "privilege.namespaces",
    "privilege.scc",
    "storage.rwx_server",
    "identity.users",
}
"""What no site has together with the rest: it is for another scope, distribution, storage, issuer.
"""


def sample_file() -> str:
    """Return the file: YAML that is itself a valid site."""
    schema = schema_of(Site)
    lines = [_HEADER]
    for name in schema.root["properties"]:
        lines += [*_Sample(schema).field(schema.root, (name,)), ""]
    return "\n".join(lines[:-1]) + "\n"


def commented(text: str, indentation: str = "") -> list[str]:
    """Return a text as comment lines."""
    return [f"{indentation}# {line}" for line in wrap(text, _WIDTH - len(indentation) - 3)]


class _Sample:
    """The lines of the sample."""

    def __init__(self, schema: Schema) -> None:
        self._schema = schema

    def field(
        self,
        holder: Node,
        path: tuple[str, ...],
        *,
        given: Mapping[str, object] = _NOTHING,
        is_whole: bool = True,
    ) -> Iterator[str]:
        """Yield the field of a mapping with its explanation.

        `given` has values for the mapping's fields, `is_whole` says whether the other kinds of a
        union are told.
        """
        name, dotted, indentation = path[-1], ".".join(path), _indentation(path)
        node = self._schema.resolve(holder["properties"][name])
        value = given.get(name, _VALUES.get(dotted))
        yield from commented(f"{_meaning(node)} {_necessity(holder, name, node)}", indentation)
        lines = list(self._content(node, path, _KINDS.get(dotted), value, is_whole=is_whole))
        yield from _commented_out(lines, indentation) if dotted in _COMMENTED_OUT else lines
        for kind, member in self._schema.kinds(node).items() if is_whole else ():
            if kind != _KINDS[dotted]:
                yield from commented(f"Or: {member['description']}", indentation)
                other = self._content(node, path, kind, None, is_whole=False)
                yield from _commented_out(other, indentation)

    def _content(
        self, node: Node, path: tuple[str, ...], kind: str | None, value: object, *, is_whole: bool
    ) -> Iterator[str]:
        """Yield a field's name and value; of a union the value of one kind."""
        name, indentation = path[-1], _indentation(path)
        item = self._schema.resolve(node.get("items", {}))
        given: Mapping[str, object] = _NOTHING
        if kind is not None:
            node = self._schema.kinds(node)[kind]
        if "properties" in item:
            yield from (f"{indentation}{name}:", f"{indentation}  -")
            given = node.get("examples", [[_NOTHING]])[0][0]
            node, path = item, (*path, _ITEM)
        elif "properties" in node:
            yield f"{indentation}{name}:"
        else:
            yield f"{indentation}{name}: {self._value(node) if value is None else flow(value)}"
            return
        below = _indentation((*path, ""))
        if kind is not None:
            yield f"{below}kind: {kind}"
        hidden = PROVENANCE_FIELDS if is_fact(node) and path != ("location",) else ()
        for each in node["properties"]:
            if each not in hidden and not (each == "kind" and kind is not None):
                yield from self.field(node, (*path, each), given=given, is_whole=is_whole)
        if hidden:
            yield f"{below}# source, date and confidence: as in location"

    def _value(self, node: Node) -> str:
        """Return a value for a field: its example, else its default."""
        if node.get("examples") or node.get("default") is None:
            return self._schema.example(node)
        return '""' if node["default"] == "" else flow(node["default"])


def _indentation(path: tuple[str, ...]) -> str:
    return "  " * (len(path) - 1)


def _commented_out(lines: Iterable[str], indentation: str) -> list[str]:
    return [f"{indentation}#{line.removeprefix(indentation)}" for line in lines]


def _meaning(node: Node) -> str:
    options = "" if "`" in node["description"] else ", ".join(map(str, node.get("enum", ())))
    return f"{node['description']}{f' One of {options}.' if options else ''}"


def _necessity(holder: Node, name: str, node: Node) -> str:
    """Return whether the field has to be there, and else what its absence stands for."""
    if name in holder.get("required", ()):
        return "Required."
    default = holder["properties"][name].get("default")
    if "An active site needs it" in node["description"]:
        return "Optional for one that is planned."
    if default is None or "Default:" in node["description"]:
        return "Optional."
    if isinstance(default, dict) and default:
        return "Optional; default: each of its fields' own."
    return f"Optional; default: {flow(default) if default not in ([], '') else 'none'}."


if __name__ == "__main__":
    print(sample_file(), end="")
