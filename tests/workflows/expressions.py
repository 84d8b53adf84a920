"""The expressions of workflows, `${{ ... }}`, as far as ours use them."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Mapping
from typing import Any

TOKEN = re.compile(
    r"""\s*(?:
      (?P<number>-?\d+(?:\.\d+)?)
    | '(?P<text>(?:[^']|'')*)'
    | (?P<name>[A-Za-z_][\w-]*)
    | (?P<sign>==|!=|&&|\|\||[!()\[\].,*])
    )""",
    re.VERBOSE,
)
WHOLE = re.compile(r"\$\{\{((?:[^'}]|'(?:[^']|'')*'|\}(?!\}))*)\}\}")
LITERALS = {"true": True, "false": False, "null": None}
Function = Callable[..., Any]


class UnknownError(Exception):
    """An expression has something in it that the harness does not know."""


class Filtered(list[Any]):
    """What `*` has found: a property of it is the list of that property of each."""


def is_true(value: Any) -> bool:
    """Tell whether a value counts as true."""
    return value not in (None, False, 0, "") and not (isinstance(value, float) and value != value)


def as_text(value: Any) -> str:
    """Return a value as it stands in a text."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict | list):
        raise UnknownError(f"{value!r} in a text")
    return str(value)


def _number(value: Any) -> float:
    if value is None or value == "":
        return 0.0
    if isinstance(value, bool | int | float):
        return float(value)
    try:
        return float(value)
    except (TypeError, ValueError):
        return math.nan


def equal(one: Any, other: Any) -> bool:
    """Tell whether two values are equal: texts without regard to case, else as numbers."""
    if isinstance(one, str) and isinstance(other, str):
        return one.casefold() == other.casefold()
    if type(one) is type(other):
        return bool(one == other)
    return _number(one) == _number(other)


def contains(where: Any, what: Any) -> bool:
    """Return what the function `contains` does."""
    if isinstance(where, list):
        return any(equal(each, what) for each in where)
    return as_text(what).casefold() in as_text(where).casefold()


FUNCTIONS: dict[str, Function] = {
    "contains": contains,
    "fromjson": json.loads,
    "startswith": lambda text, start: as_text(text).casefold().startswith(start.casefold()),
}


class Evaluator:
    """Evaluates expressions in contexts, with more functions: those of a job's status."""

    def __init__(self, contexts: Mapping[str, Any], functions: Mapping[str, Function]) -> None:
        self._contexts = contexts
        self._functions = {**FUNCTIONS, **functions}

    def value(self, expression: str) -> Any:
        """Return the value of an expression without its braces."""
        parser = _Parser(expression, self._contexts, self._functions)
        found = parser.either()
        parser.end()
        return found

    def text(self, template: str) -> str:
        """Return a text with every `${{ }}` in it replaced."""
        rest = WHOLE.sub("", template)
        if "${{" in rest:
            raise UnknownError(f"braces that do not match in {template!r}")
        return WHOLE.sub(lambda found: as_text(self.value(found[1])), template)

    def whole(self, template: Any) -> Any:
        """Return the value of a template that is one expression, else its text, else itself."""
        if not isinstance(template, str):
            return template
        alone = WHOLE.fullmatch(template.strip())
        return self.value(alone[1]) if alone else self.text(template)

    def condition(self, text: str | bool | None) -> bool:
        """Tell whether the `if` of a job or a step holds; without one it is `success()`."""
        if isinstance(text, bool):
            text = as_text(text)
        alone = WHOLE.fullmatch((text or "success()").strip())
        expression = alone[1] if alone else text or "success()"
        if "${{" in expression:
            raise UnknownError(f"an `if` of several expressions: {text}")
        holds = is_true(self.value(expression))
        if re.search(r"\b(always|success|failure|cancelled)\s*\(", expression):
            return holds
        return holds and is_true(self.value("success()"))


class _Parser:
    def __init__(
        self, text: str, contexts: Mapping[str, Any], functions: Mapping[str, Function]
    ) -> None:
        self._text = text
        self._contexts, self._functions = contexts, functions
        self._tokens: list[tuple[str, str]] = []
        position = 0
        while text[position:].strip():
            found = TOKEN.match(text, position)
            if found is None:
                raise UnknownError(f"{text[position:]!r} in the expression {text!r}")
            kind = str(found.lastgroup)
            self._tokens.append((kind, found[kind]))
            position = found.end()
        self._next = 0

    def end(self) -> None:
        if self._next < len(self._tokens):
            raise UnknownError(f"{self._tokens[self._next][1]!r} in the expression {self._text!r}")

    def _peek(self) -> tuple[str, str]:
        at_end = self._next >= len(self._tokens)
        return ("end", "") if at_end else self._tokens[self._next]

    def _takes(self, sign: str) -> bool:
        if self._peek() != ("sign", sign):
            return False
        self._next += 1
        return True

    def _must(self, sign: str) -> None:
        if not self._takes(sign):
            raise UnknownError(f"no {sign!r} where there should be one in {self._text!r}")

    def either(self) -> Any:
        value = self._both()
        while self._takes("||"):
            other = self._both()
            value = value if is_true(value) else other
        return value

    def _both(self) -> Any:
        value = self._same()
        while self._takes("&&"):
            other = self._same()
            value = other if is_true(value) else value
        return value

    def _same(self) -> Any:
        value = self._not()
        while self._peek() in (("sign", "=="), ("sign", "!=")):
            wanted = self._takes("==") or not self._takes("!=")
            value = equal(value, self._not()) == wanted
        return value

    def _not(self) -> Any:
        return not is_true(self._not()) if self._takes("!") else self._of()

    def _of(self) -> Any:
        value = self._first()
        while True:
            if self._takes("."):
                if self._takes("*"):
                    value = Filtered(value.values() if isinstance(value, Mapping) else value or ())
                    continue
                kind, name = self._peek()
                if kind != "name":
                    raise UnknownError(f"{name!r} after a dot in {self._text!r}")
                self._next += 1
                value = _property(value, name)
            elif self._takes("["):
                index = self.either()
                self._must("]")
                value = _property(value, index)
            else:
                return value

    def _first(self) -> Any:
        if self._takes("("):
            value = self.either()
            self._must(")")
            return value
        kind, token = self._peek()
        self._next += 1
        if kind == "number":
            return float(token) if "." in token else int(token)
        if kind == "text":
            return token.replace("''", "'")
        if kind != "name":
            raise UnknownError(f"{token!r} in the expression {self._text!r}")
        if self._peek() == ("sign", "("):
            return self._call(token)
        if token in LITERALS:
            return LITERALS[token]
        if token not in self._contexts:
            raise UnknownError(f"the context {token!r} in the expression {self._text!r}")
        return self._contexts[token]

    def _call(self, name: str) -> Any:
        function = self._functions.get(name.lower())
        if function is None:
            raise UnknownError(f"the function {name!r} in the expression {self._text!r}")
        self._must("(")
        arguments = []
        while not self._takes(")"):
            arguments.append(self.either())
            if self._peek() != ("sign", ")"):
                self._must(",")
        return function(*arguments)


class Strict(dict[str, Any]):
    """A context in which a name that is not there is a mistake, not null."""


def _property(value: Any, name: Any) -> Any:
    if isinstance(value, Filtered):
        return Filtered(each[name] for each in value if isinstance(each, Mapping) and name in each)
    if isinstance(value, Strict) and name not in value:
        raise UnknownError(f"{name!r} is not among {', '.join(value)}")
    if isinstance(value, Mapping):
        return value.get(name)
    if isinstance(value, list) and isinstance(name, int):
        return value[name] if 0 <= name < len(value) else None
    if value is None:
        return None
    raise UnknownError(f"{name!r} of {value!r}")
