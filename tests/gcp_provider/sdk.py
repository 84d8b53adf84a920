"""The SDK's types as rules: which properties a resource has, and what may be in them."""

from __future__ import annotations

import importlib
import inspect
import types
import typing
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pulumi._types import input_type_types, is_input_type, unwrap_type

UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
"""What the engine sends where a value is not known yet."""


def arguments(token: str) -> type:
    """Return the class of arguments of a resource: `gcp:compute/address:Address`."""
    _, module, kind = token.split(":")
    found = getattr(
        importlib.import_module(f"pulumi_gcp.{module.partition('/')[0]}"), f"{kind}Args"
    )
    assert isinstance(found, type)
    return found


def problems(value: Any, wanted: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Yield property and reason for all that the SDK's type does not allow."""
    if value == UNKNOWN:
        return
    wanted = unwrap_type(wanted)  # of Input[...] and Optional[...]
    origin = typing.get_origin(wanted)
    if origin in (typing.Union, types.UnionType):
        options = [each for each in typing.get_args(wanted) if each is not type(None)]
        if value is not None and all(any(problems(value, each, path)) for each in options):
            yield from problems(value, options[0], path)
    elif isinstance(wanted, type) and is_input_type(wanted):
        yield from _of_object(value, wanted, path)
    elif origin is not None and issubclass(origin, Mapping):
        if not isinstance(value, dict):
            yield path, f"{value!r} is no mapping"
            return
        for key, each in value.items():
            yield from problems(each, typing.get_args(wanted)[1], f"{path}.{key}")
    elif origin is not None and issubclass(origin, Sequence):
        if not isinstance(value, list):
            yield path, f"{value!r} is no list"
            return
        for index, each in enumerate(value):
            yield from problems(each, typing.get_args(wanted)[0], f"{path}[{index}]")
    elif not _is(value, wanted):
        yield path, f"{value!r} is no {wanted.__name__}"


def _of_object(value: Any, wanted: type, path: str) -> Iterator[tuple[str, str]]:
    if not isinstance(value, dict):
        yield path, f"{value!r} is no mapping"
        return
    known = input_type_types(wanted)
    for name, each in value.items():
        at = f"{path}.{name}" if path else name
        if name not in known:
            yield at, f"{wanted.__name__} has no such property"
        else:
            yield from problems(each, known[name], at)
    for name in _required(wanted) - set(value):
        yield f"{path}.{name}" if path else name, "is missing"


def _required(wanted: type) -> set[str]:
    names = {
        parameter.name
        for parameter in inspect.signature(wanted.__init__).parameters.values()  # type: ignore[misc]
        if parameter.kind is parameter.KEYWORD_ONLY and parameter.default is parameter.empty
    }
    return {_camel(name) for name in names}


def _camel(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(each.capitalize() for each in others)


def _is(value: Any, wanted: Any) -> bool:
    if wanted is typing.Any:
        return True
    if wanted is int:
        return (
            isinstance(value, int | float) and not isinstance(value, bool) and value == int(value)
        )
    if wanted is float:
        return isinstance(value, int | float) and not isinstance(value, bool)
    return isinstance(value, wanted)
