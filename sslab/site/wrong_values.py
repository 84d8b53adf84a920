"""What is wrong with a value: its type, its form, its range, its length, or that there is none."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from sslab.site.case import Case, Verdict, described
from sslab.site.document import FieldPath, shown
from sslab.site.forms import form_of, suggestion
from sslab.site.schema import is_quantity
from sslab.site.spelling import closest
from sslab.site.types import QUANTITY

_NAMES: tuple[tuple[type, str], ...] = (
    (bool, "a truth value"),
    (str, "text"),
    (int, "a number"),
    (float, "a number"),
    (dict, "a mapping of fields"),
    (list, "a list"),
)
_EXPECTED = {
    "text": "text",
    "whole": "a whole number",
    "number": "a number",
    "truth": "true or false",
    "fields": "a mapping of fields",
    "list": "a list",
}


def wrong_type(expected: str) -> Callable[[Case], Verdict]:
    """Return the explanation for a value that should have been of another type."""

    def explanation(case: Case) -> Verdict:
        if case.value is None:
            return no_value(case)
        actual = next(name for kind, name in _NAMES if isinstance(case.value, kind))
        quantity = form_of(QUANTITY) if is_quantity(case.node) else None
        if quantity is not None:
            return case.of(f"is {actual}, not {quantity.what}", quantity.rule)
        if actual == _EXPECTED[expected] or (expected == "whole" and actual == "a number"):
            return case.of(f"{case.shown} is not {_EXPECTED[expected]}", _retyped(case, expected))
        # what stands where a mapping or a list belongs may be anything: it is not repeated
        is_scalar = expected not in ("fields", "list") and not isinstance(case.value, dict | list)
        subject = f"{case.shown} is" if is_scalar else "is"
        return case.of(f"{subject} {actual}, not {_EXPECTED[expected]}", _retyped(case, expected))

    return explanation


def no_value(case: Case) -> Verdict:
    """Explain a field that is there and empty."""
    is_required = case.name in case.spot.holder.get("required", ())
    remedy = f"write one, {case.example()}"
    return case.of("has no value", remedy if is_required else f"{remedy}, or delete the field")


_PART = {"whole": "", "number": r"(\.[0-9]{1,15})?"}
_TRUTH = {"yes": "true", "on": "true", "no": "false", "off": "false"}


def _retyped(case: Case, expected: str) -> str:
    """Return the remedy for a value of the wrong type."""
    value = case.value
    if expected == "text" and not isinstance(value, dict | list):
        mended = suggestion(str(case.node.get("pattern")), case.shown)
        if mended is not None:
            return f'did you mean "{mended}", in quotes?'
        return f'put it in quotes: "{case.shown}"'
    if expected in ("whole", "number") and isinstance(value, str):
        number = re.fullmatch(r"0*([0-9]{1,15})" + _PART[expected], value)
        if number:
            return f"write {''.join(number.groups(''))} without quotes"
    if expected == "truth" and isinstance(value, str):
        return f"write {_TRUTH.get(value.lower(), 'true or false')}"
    if expected == "list":
        return 'write "- " before each item, one on a line, or [one, other]'
    return f"write it {case.example()}"


def wrong_form(case: Case) -> Verdict:
    """Explain a text, or a field's name, that has not the form it must have."""
    text = case.name if case.spot.is_key else str(case.value)
    if not text:
        return Verdict(case.path, "is empty", f"write it {case.example()}", case.spot.is_key)
    pattern = str(case.context.get("pattern"))
    form = form_of(pattern)
    shown_as = shown(text) if isinstance(case.value, str) or case.spot.is_key else case.shown
    if form is None:
        problem, remedy = f"{shown_as} has not the form that this field takes", described(case)
    else:
        near = suggestion(pattern, text)
        problem = f"{shown_as} is not {form.what}"
        remedy = f'did you mean "{near}"?' if near else form.rule
    return Verdict(case.path, problem, remedy, case.spot.is_key)


def out_of_range(case: Case) -> Verdict:
    """Explain a number that is too small or too large."""
    node = case.node
    bounds = (
        ("from", node.get("minimum")),
        ("above", node.get("exclusiveMinimum")),
        ("to", node.get("maximum")),
        ("below", node.get("exclusiveMaximum")),
    )
    words = " ".join(f"{word} {bound}" for word, bound in bounds if bound is not None)
    return case.of(f"{case.shown} is out of range", f"write a number {words}".rstrip())


def wrong_length(case: Case) -> Verdict:
    """Explain a text or a list that is too short or too long."""
    least, most = case.context.get("min_length"), case.context.get("max_length")
    size, unit = len(case.value or ""), "characters" if isinstance(case.value, str) else "items"
    if not size:
        return case.of("is empty", f"write it {case.example()}")
    if least is not None:
        return case.of(f"has {size} {unit}, at least {least} are needed", "add some")
    return case.of(f"has {size} {unit}, at most {most} are allowed", "shorten it")


def not_one_of(case: Case) -> Verdict:
    """Explain a value that is none of the field's choices."""
    options = [str(each) for each in case.node.get("enum", [case.node.get("const")])]
    return one_of(case.path, case.value, case.shown, options)


def one_of(path: FieldPath, value: Any, shown_as: str, options: list[str]) -> Verdict:
    """Return the verdict on a value that is none of the options, with the nearest one."""
    if value is None:
        return Verdict(path, "has no value", f"write one of {', '.join(options)}")
    if len(options) == 1:
        return Verdict(path, f"{shown_as} is not known here", f"write {options[0]}")
    near = closest(value, options) if isinstance(value, str) else None
    remedy = f'did you mean "{near}"?' if near else "write one of them"
    return Verdict(path, f"{shown_as} is not one of {', '.join(options)}", remedy)
