"""What a plan shows of a value: never a secret, and nothing that plays with a terminal."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from sslab.plan.model import FieldChange
from sslab.site.leaks import names_a_secret, redacted

HIDDEN = "(secret)"
LONGEST = 160
"""Characters of one value or message that a person is shown."""


def safe(change: FieldChange) -> FieldChange:
    """Return a changed field without what its name or its look says is a secret."""
    steps = change.steps
    return FieldChange(
        steps, _hidden(change.before, steps), _hidden(change.after, steps), change.secret
    )


def _hidden(value: Any, steps: tuple[str, ...]) -> Any:
    if isinstance(value, Mapping):
        name = str(value.get("name", ""))
        return {
            # an environment variable as a whole
            key: _hidden(each, (*steps, f"[{name}]", key) if key == "value" else (*steps, key))
            for key, each in value.items()
        }
    if isinstance(value, list):
        return [_hidden(each, (*steps, "[]")) for each in value]
    if not isinstance(value, str):
        return value
    return HIDDEN if _told_by_name(steps, value) else redacted(value)


def _told_by_name(steps: tuple[str, ...], value: str) -> bool:
    """Tell whether the field is one for a secret that the program does not treat as one."""
    if steps[-1:] == ("kubeconfig",):
        return "\n" in value or "{" in value  # its content; a path is no secret
    is_variable = steps[-1:] == ("value",) and len(steps) > 1
    is_data = len(steps) > 1 and steps[-2] in ("data", "binaryData", "stringData")
    return (is_variable and names_a_secret(steps[-2])) or (is_data and names_a_secret(steps[-1]))


def value_text(value: Any, limit: int = LONGEST) -> str:
    """Return a value as one line; `nothing` where it is not there."""
    if value is None:
        return "nothing"
    return line(json.dumps(value, ensure_ascii=False), limit)


def line(text: str, limit: int | None = None) -> str:
    """Return a text as one line without secrets, its control characters escaped."""
    clean = redacted(text)
    if not clean.isprintable():
        clean = "".join(
            letter if letter.isprintable() else letter.encode("unicode_escape").decode("ascii")
            for letter in clean
        )
    return clean if limit is None or len(clean) <= limit else f"{clean[: limit - 4]} ..."


def lines(text: str, limit: int | None = None) -> list[str]:
    """Return a text of several lines as `line` returns one."""
    return [line(each, limit) for each in redacted(text).splitlines()]


def clean(document: Any) -> Any:
    """Return plain data with no secret in any text."""
    if isinstance(document, Mapping):
        return {redacted(str(key)): clean(value) for key, value in document.items()}
    if isinstance(document, list | tuple):
        return [clean(value) for value in document]
    return redacted(document) if isinstance(document, str) else document
