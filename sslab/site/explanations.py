"""What a schema error means: pydantic's errors as diagnostics in plain words."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from sslab.site.case import Case, Verdict, described, shown_at
from sslab.site.diagnostics import MOST_PER_FILE, Diagnostic
from sslab.site.document import Document, FieldPath, dotted
from sslab.site.leaks import NO_PLACE, REMEDY, names_a_secret
from sslab.site.schema import Node, schema_of
from sslab.site.spelling import closest
from sslab.site.wrong_values import (
    no_value,
    not_one_of,
    one_of,
    out_of_range,
    wrong_form,
    wrong_length,
    wrong_type,
)


def explain(
    document: Document,
    error: ValidationError,
    model: type[BaseModel],
    *,
    base: FieldPath = (),
    root: str = "a site file",
) -> Iterator[Diagnostic]:
    """Yield a diagnostic for each error that `model` has found in the document's data.

    `base` is the path of the data that was validated, `root` is what messages call it. Of several
    errors of one field the first is told, and none of a field that could not be read.
    """
    schema = schema_of(model)
    told: set[FieldPath] = set()
    details = error.errors(include_url=False)[: 2 * MOST_PER_FILE]
    for detail in details:
        if _is_length_of_what_is_left(detail, details):
            continue
        spot = schema.locate(tuple(detail["loc"]), document.get(*base))
        case = Case(document, schema, spot, (*base, *spot.path), detail, base, root)
        verdict = _EXPLAINED.get(detail["type"], _any_other)(case)
        if verdict.path in told or document.is_broken(verdict.path):
            continue
        told.add(verdict.path)
        at = document.at_key if verdict.is_about_key else document.at_value
        yield at(verdict.path, verdict.problem, verdict.remedy)


def _is_length_of_what_is_left(detail: ErrorDetails, details: list[ErrorDetails]) -> bool:
    """Tell whether a list is called too short only because some of its items are wrong."""
    location = detail["loc"]
    return detail["type"] == "too_short" and any(
        other["loc"][: len(location)] == location for other in details if other is not detail
    )


def _missing(case: Case) -> Verdict:
    _, _, example = case.example().partition(" in ")
    parent = case.path[:-1]
    where = f" to {dotted(parent)}" if parent else ""
    return Verdict(case.path, "is missing", f"add {example}{where}", is_about_key=True)


def _unknown(case: Case) -> Verdict:
    fields = case.spot.holder.get("properties", {})
    present = case.document.get(*case.path[:-1]) or {}
    near = closest(case.name, (field for field in fields if field not in present))
    if near is None and names_a_secret(case.name):
        return Verdict(
            case.path, f"is named like a secret, and {NO_PLACE}", REMEDY, is_about_key=True
        )
    if elsewhere := _elsewhere(case):
        remedy = elsewhere
    elif near is not None:
        remedy = f'did you mean "{near}"?'
    elif fields:
        remedy = f"delete it; the fields here are {', '.join(sorted(fields))}"
    else:
        remedy = "delete it; there are no fields here"
    return Verdict(case.path, f"is not a field of {case.holder}", remedy, is_about_key=True)


def _elsewhere(case: Case) -> str | None:
    """Return the remedy for a field that another part has: the top level, or one of its parts."""
    top: dict[str, Node] = case.schema.root.get("properties", {})
    if case.name in top:
        return f"move it to {dotted(case.base) or 'the top level'}"
    homes = [name for name, node in top.items() if case.name in case.schema.fields(node)]
    if len(homes) != 1:
        return None
    if case.path[:-1] != (*case.base, *homes):
        return f"move it to {homes[0]}"
    kinds = case.schema.kinds(case.schema.resolve(top[homes[0]]))
    having = " or ".join(sorted(kind for kind in kinds if case.name in kinds[kind]["properties"]))
    return f"{homes[0]} of kind {having} has it: change the kind, or delete the field"


def _wrong_kind(case: Case) -> Verdict:
    """Explain the tag of a union that is wrong or not there."""
    tag = str(case.context.get("discriminator", "")).strip("'")
    options = sorted(case.schema.kinds(case.node))
    path = (*case.path, tag)
    if not isinstance(case.value, dict):
        return wrong_type("fields")(case)
    if tag not in case.value:
        remedy = f'add "{tag}: {options[0]}" to {dotted(case.path)}'
        if len(options) > 1:
            remedy += f", or another of {', '.join(options)}"
        return Verdict(path, "is missing", remedy, is_about_key=True)
    value = case.value[tag]
    return one_of(path, value, shown_at(case.document, path, value), options)


def _own_words(case: Case) -> Verdict:
    """Repeat the message of a validator of this repository, which is written to be read."""
    problem, _, remedy = str(case.context.get("error", "")).partition("; ")
    return case.of(problem or "is wrong", remedy or described(case))


def _any_other(case: Case) -> Verdict:
    if case.value is None:
        return no_value(case)
    return case.of("is not a value that this field takes", described(case))


_EXPLAINED: dict[str, Callable[[Case], Verdict]] = {
    "missing": _missing,
    "extra_forbidden": _unknown,
    "literal_error": not_one_of,
    "enum": not_one_of,
    "union_tag_invalid": _wrong_kind,
    "union_tag_not_found": _wrong_kind,
    **dict.fromkeys(("string_type", "string_sub_type"), wrong_type("text")),
    **dict.fromkeys(("int_type", "int_from_float", "int_parsing"), wrong_type("whole")),
    **dict.fromkeys(("float_type", "float_parsing"), wrong_type("number")),
    **dict.fromkeys(("bool_type", "bool_parsing"), wrong_type("truth")),
    **dict.fromkeys(
        ("model_type", "model_attributes_type", "dict_type", "mapping_type"), wrong_type("fields")
    ),
    **dict.fromkeys(("tuple_type", "list_type", "set_type"), wrong_type("list")),
    "string_pattern_mismatch": wrong_form,
    **dict.fromkeys(
        ("greater_than", "greater_than_equal", "less_than", "less_than_equal"), out_of_range
    ),
    **dict.fromkeys(("string_too_short", "string_too_long", "too_short", "too_long"), wrong_length),
    **dict.fromkeys(("value_error", "assertion_error"), _own_words),
}
