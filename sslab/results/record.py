"""The record of one run of a pattern's smoke test: what was measured, where, and by what."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Literal

from pydantic import AwareDatetime, Field, FiniteFloat, ValidationError

from sslab.errors import SslabError
from sslab.site.types import DnsLabel, Model

FORMAT: Literal[1] = 1
"""The version of the record's schema. A reader refuses another one."""

PREFIX = "results/"
KEY = re.compile(r"results/[0-9]{8}T[0-9]{6}\.[0-9]{6}Z-[0-9a-z]{1,8}\.json")
"""Where records lie in a pattern's bucket; a pattern may have other objects beside them."""


class Value(Model):
    """One number that the smoke test measured, beside the one it has to be."""

    check: str = Field(description="Which number, with its unit where it has one.")
    value: FiniteFloat | None = Field(
        description="What was measured; null where there was no answer, or no finite number."
    )
    expected: FiniteFloat | None = Field(description="What it has to be.")
    tolerance: FiniteFloat | None = Field(description="How far from that it may be.")
    passed: bool = Field(description="Whether the value lies within the tolerance.")


class Record(Model):
    """One run of a pattern's smoke test."""

    format: Literal[1] = Field(default=FORMAT, description="The version of this schema.")
    pattern: DnsLabel = Field(description="The pattern that was tested.")
    site: DnsLabel = Field(description="The site whose laboratory was tested.")
    time: AwareDatetime = Field(description="When the run began, in UTC.")
    commit: str = Field(
        min_length=1,
        description="The git commit of the clone that tested, with `-dirty` where files differed.",
    )
    image: str | None = Field(
        description="Digest of the image of the pattern's newest pod; null where no pod ran."
    )
    duration_s: FiniteFloat = Field(ge=0, description="Seconds that the smoke test took.")
    values: tuple[Value, ...] = Field(min_length=1, description="What was measured.")
    parameters: Mapping[str, int | FiniteFloat | str] = Field(
        default={},
        description="What the pattern's analysis was told (seed, sizes), from its outcome.json; "
        "empty where it has none.",
    )
    metrics: Mapping[str, FiniteFloat] = Field(
        default={},
        description="What the analysis cost (seconds, bytes, events), from its outcome.json.",
    )
    problem: str | None = Field(
        default=None, description="Why there was no answer; null where there was one."
    )

    @property
    def key(self) -> str:
        """The key of the record in the pattern's bucket; keys sort as times do."""
        moment = self.time.astimezone(UTC).strftime("%Y%m%dT%H%M%S.%fZ")
        return f"{PREFIX}{moment}-{re.sub('[^0-9a-z]', '', self.commit)[:8]}.json"

    @property
    def passed(self) -> bool:
        """Whether every number was within its tolerance."""
        return all(value.passed for value in self.values)

    def document(self) -> bytes:
        """Return the JSON document."""
        body = self.model_dump(mode="json")
        return (json.dumps(body, indent=1, ensure_ascii=False, allow_nan=False) + "\n").encode()


def read(document: bytes) -> Record:
    """Return the record of a document. Raises SslabError where it is none of this format."""
    try:
        found = json.loads(document)
    except ValueError:
        raise SslabError("is no JSON document") from None
    version = found.get("format") if isinstance(found, dict) else None
    if isinstance(version, int) and version > FORMAT:
        raise SslabError(
            f"has the format {version}, and this clone knows {FORMAT}", remedy="update the clone"
        )
    try:
        return Record.model_validate_json(json.dumps(found))
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"])) or "the document"
        raise SslabError(f"is no record: {where}: {first['msg']}") from None


def finite(value: float | None) -> float | None:
    """Return a number that JSON can tell, None for any other."""
    return value if value is not None and math.isfinite(value) else None


def json_schema() -> dict[str, Any]:
    """Return the JSON Schema of a record."""
    schema = Record.model_json_schema(mode="serialization")
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$comment": "Made by `sslab schema result > schema/result.json`; not to be edited.",
        **schema,
        "title": "A result",
    }


def now() -> datetime:
    """Return this moment in UTC."""
    return datetime.now(UTC)
