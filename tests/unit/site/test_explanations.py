"""The schema's errors that no field of a site file shows yet."""

from __future__ import annotations

import datetime
import json
from collections.abc import Mapping
from enum import Enum
from pathlib import Path
from typing import Annotated, Any, Literal

import pytest
from pydantic import Field, ValidationError, field_validator

from sslab.site.explanations import explain
from sslab.site.reading import read_document
from sslab.site.types import DnsLabel, Model


class Colour(Enum):
    RED = "red"
    GREEN = "green"


class Near(Model):
    kind: Literal["near"]
    distance: float = Field(default=1, gt=0, lt=10)


class Far(Model):
    kind: Literal["far"]
    near: Near | None = None


class Everything(Model):
    place: Annotated[Near | Far, Field(discriminator="kind")] | None = None
    places: tuple[Annotated[Near | Far, Field(discriminator="kind")], ...] = Field(
        default=(), min_length=2
    )
    colour: Colour = Colour.RED
    founded: datetime.date | None = Field(
        default=None, description="The day it was founded.", examples=["2019-06-20"]
    )
    either: int | str = 1
    code: str = Field(default="ab", pattern="^[ab]+$", description="Letters a and b.")
    names: Mapping[DnsLabel, int] = {}
    even: int = 2
    word: str = Field(default="abc", min_length=3)

    @field_validator("even")
    @classmethod
    def _is_even(cls, value: int) -> int:
        if value % 2:
            raise ValueError(f"{value} is odd; write an even number")
        if value > 100:
            raise ValueError("is too even")
        return value


def told(tmp_path: Path, text: str) -> list[str]:
    path = tmp_path / "a.yaml"
    path.write_text(text, encoding="utf-8")
    document, diagnostics = read_document(path, "a.yaml")
    assert diagnostics == ()
    with pytest.raises(ValidationError) as caught:
        Everything.model_validate_json(json.dumps(document.data), strict=True)
    return [
        str(each).removeprefix("a.yaml:")
        for each in explain(document, caught.value, Everything, root="a test")
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("colour: rde", '1:9: colour: "rde" is not one of red, green; did you mean "red"?'),
        ("colour: 7", "1:9: colour: 7 is not one of red, green; write one of them"),
        ("place: {kind: near, distance: 0}", "1:31: place.distance: 0 is out of range; write a "
         "number above 0 below 10"),
        ("place: {kind: near, near: {}}", "1:21: place.near: is not a field of place of kind near; "
         "place of kind far has it: change the kind, or delete the field"),
        ("place: {kind: far, near: {far: 1, kind: near}}", "1:27: place.near.far: is not a field "
         "of place.near; delete it; the fields here are distance, kind"),
        ("place: {kind: far, far: 1}", "1:20: place.far: is not a field of place of kind far; "
         "delete it; the fields here are kind, near"),
        ("place: [near]", '1:8: place: is a list, not a mapping of fields; write it as in '
         '"place: {kind: far}"'),
        ("places: [{kind: near}, {kind: frr}]", '1:31: places[1].kind: "frr" is not one of far, '
         'near; did you mean "far"?'),
        ("places: [{kind: near}]", "1:9: places: has 1 items, at least 2 are needed; add some"),
        ("places: []", '1:9: places: is empty; write it as in "places: []"'),
        ("founded: yesterday", '1:10: founded: is not a value that this field takes; it is for: '
         "The day it was founded"),
        ("either: [1]", '1:9: either: is a list, not a whole number; write it as in "either: 1"'),
        ("code: abc", '1:7: code: "abc" has not the form that this field takes; it is for: '
         "Letters a and b"),
        ("names: {A_b: 1}", '1:9: names.A_b: "A_b" is not a DNS label; did you mean "a-b"?'),
        ("names: {a: b}", '1:12: names.a: "b" is text, not a whole number; write it as in "a: 1"'),
        ('names: {"[key]": 1}', '1:9: names."[key]": "[key]" is not a DNS label; write up to 63 '
         "lower-case letters, digits and hyphens, with no hyphen at either end"),
        ("even: 3", "1:7: even: 3 is odd; write an even number"),
        ("even: 102", '1:7: even: is too even; write it as in "even: 2"'),
        ("word: ab", "1:7: word: has 2 characters, at least 3 are needed; add some"),
        ("wrd: abc", '1:1: wrd: is not a field of a test; did you mean "word"?'),
    ],
)  # fmt: skip
def test_each_kind_of_error_in_plain_words(tmp_path: Path, text: str, expected: str) -> None:
    assert told(tmp_path, text) == [expected]


def test_every_error_of_a_file_is_told(tmp_path: Path) -> None:
    lines = told(tmp_path, "even: 3\nword: a\nnames: {a: x, b: y}\n")
    assert [line.split(": ")[1] for line in lines] == ["names.a", "names.b", "even", "word"]


def test_a_type_of_error_that_is_not_known_still_has_a_place_and_a_remedy() -> None:
    class Odd(Model):
        value: Any = None

        @field_validator("value")
        @classmethod
        def _never(cls, value: Any) -> Any:
            assert value is None
            return value

    from sslab.site.document import Document

    with pytest.raises(ValidationError) as caught:
        Odd.model_validate({"value": 1})
    (diagnostic,) = explain(Document("a.yaml", {"value": 1}), caught.value, Odd)
    assert diagnostic.field == "value"
    assert diagnostic.remedy
