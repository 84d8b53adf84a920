"""The rule against credentials in places that anybody who may look at a pod can read."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from policies.model import HIDDEN, Node, Resource, Violation, containers, violation
from policies.secret_text import assigned_secrets, literal, names_secret, secret_forms

if TYPE_CHECKING:
    from policies.policy import Grants

_OPTION: Final = re.compile(r"--?([\w.-]{1,80})(?:=(.*))?", re.DOTALL)
_COMMAND_HOLDERS: Final = (
    (),
    *((probe, "exec") for probe in ("livenessProbe", "readinessProbe", "startupProbe")),
    *(("lifecycle", hook, "exec") for hook in ("postStart", "preStop")),
)
_TEMPLATES: Final = (
    *(("metadata",), ("template", "metadata"), ("spec", "template", "metadata")),
    ("spec", "jobTemplate", "spec", "template", "metadata"),
)


def no_plain_secret(resource: Resource, grants: Grants) -> Iterator[Violation]:  # noqa: ARG001
    """Refuse credentials in environment values, command lines, ConfigMaps and annotations.

    Everybody who may list the objects of the namespace can read them there. What the stack keeps
    encrypted is a credential by that alone; how others are told, and that no message repeats them,
    is [below](#what-counts-as-a-credential).
    """
    if not resource.group:
        return
    for container in containers(resource):
        for variable in container.child("env").items():
            yield from _judge_variable(variable)
        for holder in _COMMAND_HOLDERS:
            for field in ("command", "args"):
                yield from _judge_arguments(container.child(*holder, field))
    if (resource.group, resource.kind) == ("core", "ConfigMap"):
        for key, entry in resource.root.child("data").entries():
            yield from _judge_entry(key, entry, hexadecimal=True)
    for path in _TEMPLATES:
        for key, entry in resource.root.child(*path, "annotations").entries():
            yield from _judge_entry(key, entry, hexadecimal=False)


def _judge_variable(variable: Node) -> Iterator[Violation]:
    name, value = variable.child("name").text or "", variable.child("value")
    if value.text is None:
        return
    if value.text == HIDDEN or (names_secret(name) and literal(value.text)):
        yield _found(f"the environment variable {name} holds a credential", value)
        return
    # the name goes along: `IMAGE_DIGEST` explains a long hexadecimal number
    for form in secret_forms(f"{name} {value.text}"):
        yield _found(f"the environment variable {name} holds {form}", value)


def _judge_arguments(arguments: Node) -> Iterator[Violation]:
    before = ""
    for argument in arguments.items():
        text = argument.text or ""
        option = _OPTION.fullmatch(text)
        name, value = (option[1], option[2] or "") if option else (before, text)
        before = option[1] if option and option[2] is None else ""
        if name and names_secret(name) and literal(value):
            yield _found(f"the option {name} on a command line gives a credential", argument)
        elif text == HIDDEN:
            yield _found("a command line holds a credential", argument)
        elif text:
            yield from _judge_text(text, argument, "a command line", hexadecimal=True)


def _judge_entry(key: str, entry: Node, *, hexadecimal: bool) -> Iterator[Violation]:
    text = entry.text
    if not text:
        return
    if text == HIDDEN or ("\n" not in text and names_secret(key, bare_key=False) and literal(text)):
        yield _found(f"the entry {key!r} holds a credential", entry)
        return
    yield from _judge_text(text, entry, "the text", hexadecimal=hexadecimal)


def _judge_text(text: str, node: Node, where: str, *, hexadecimal: bool) -> Iterator[Violation]:
    for name in sorted(set(assigned_secrets(text))):
        yield _found(f"{where} gives {name} a credential", node)
    for form in secret_forms(text, hexadecimal=hexadecimal):
        yield _found(f"{where} holds {form}", node)


def _found(what: str, at: Node) -> Violation:
    return violation(
        what,
        at,
        "everybody who may list the namespace's objects can read it there",
        "keep it in a Secret and refer to that (valueFrom.secretKeyRef, or a mounted volume)",
    )
