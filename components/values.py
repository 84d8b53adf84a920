"""Typed values of published charts: a wrong type fails where they are made, not in the chart."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any

import pulumi
from pydantic import BaseModel, ConfigDict, PlainValidator
from pydantic.alias_generators import to_camel, to_pascal

from components.workloads import HouseRules


def _text(value: Any) -> Any:
    if not isinstance(value, str | pulumi.Output):
        raise ValueError(f"{type(value).__name__} is neither text nor an output")
    return value


if TYPE_CHECKING:
    Known = str | pulumi.Output[str]
else:
    Known = Annotated[Any, PlainValidator(_text)]
"""A text that is known now, or once something else is made."""


class Values(BaseModel):
    """Some of a chart's values, by the names that the chart gives them: `rwo_class`, `rwoClass`.

    A field that is None is left to the chart's own default.
    """

    model_config = ConfigDict(
        extra="forbid", frozen=True, strict=True, alias_generator=to_camel, populate_by_name=True
    )

    def as_values(self) -> dict[str, Any]:
        """Return what Helm gets."""
        return self.model_dump(by_alias=True, exclude_none=True)


class PascalValues(Values):
    """Values of a chart whose names begin with a capital: `rwo_class`, `RwoClass`."""

    model_config = ConfigDict(alias_generator=to_pascal)


class Amounts(Values):
    """So much `cpu` and `memory`, as Kubernetes quantities."""

    cpu: str
    memory: str


class Resources(Values):
    """What a container requests, and what it may take at most."""

    requests: Amounts
    limits: Amounts


def resources(house: HouseRules, cpu: str, memory: str, cpu_limit: str | None = None) -> Resources:
    """Return requests of so much, and limits of the same memory, as the site's rules let them."""
    requests = {"cpu": cpu, "memory": memory}
    limits = house.limits(requests, {"cpu": cpu_limit or cpu, "memory": memory})
    return Resources(requests=Amounts(**requests), limits=Amounts(**limits))


def off(*parts: str) -> dict[str, Mapping[str, bool]]:
    """Return values that switch parts of a chart off."""
    return {part: {"enabled": False} for part in parts}
