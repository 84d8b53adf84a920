"""The record: its key, its document, its schema, and what is no record."""

from __future__ import annotations

import json
from datetime import timedelta, timezone
from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import pytest
import typer
from typer.testing import CliRunner

from sslab.cli import schema as command
from sslab.errors import SslabError
from sslab.results.record import KEY, finite, json_schema, read
from tests.unit.results.conftest import BEGAN, record, value

SCHEMA = Path(__file__).parents[3] / "schema" / "result.json"


def test_a_document_is_read_back_as_it_was() -> None:
    told = record(
        parameters={"seed": 2**63 - 1, "shape": "voigt"}, metrics={"bytes": 12.0}, image=None
    )
    assert read(told.document()) == told


def test_the_key_tells_time_and_commit_and_sorts_as_time_does() -> None:
    first = record()
    assert first.key == "results/20261126T010203.000456Z-aaaaaaaa.json"
    later = record(time=BEGAN + timedelta(microseconds=1))
    assert first.key < later.key
    elsewhere = record(time=BEGAN.astimezone(timezone(timedelta(hours=-6))))
    assert elsewhere.key == first.key


@pytest.mark.parametrize("commit", ["0123456789abcdef-dirty", "unknown", "v1.2-dirty"])
def test_every_key_is_one_that_readers_look_for(commit: str) -> None:
    assert KEY.fullmatch(record(commit=commit).key)
    assert not KEY.fullmatch("results/z-peak.json")  # the z peak's own


def test_a_record_passed_when_all_its_numbers_did() -> None:
    assert record().passed
    assert not record(values=(value(91.2), value(91.4))).passed


@pytest.mark.parametrize(
    ("document", "message"),
    [
        (b"<html>", "is no JSON document"),
        (b"\xff", "is no JSON document"),
        (b"[]", "is no record: the document: "),
        (b"{}", "is no record: pattern: Field required"),
        (b'{"format": 2}', "has the format 2, and this clone knows 1; update the clone"),
        (record().document().replace(b"91.2", b"NaN"), "is no record: values.0"),
        (record().document().replace(b'"site"', b'"sight"'), "is no record: site: Field required"),
        (record().document().replace(b"+00:00", b"").replace(b"Z", b""), "is no record"),
    ],
)
def test_what_is_no_record_says_why(document: bytes, message: str) -> None:
    with pytest.raises(SslabError) as caught:
        read(document)
    assert message in str(caught.value)


def test_numbers_that_json_cannot_tell_are_none() -> None:
    assert [finite(x) for x in (1.5, None, float("nan"), float("inf"))] == [1.5, None, None, None]
    with pytest.raises(ValueError, match="finite"):
        value(float("nan"))


def test_the_schema_is_up_to_date_and_described() -> None:
    told = json.loads(SCHEMA.read_text(encoding="utf-8"))
    assert told == json_schema(), "run: .venv/bin/sslab schema result > schema/result.json"
    for node in (told, *told["$defs"].values()):
        assert all(field.get("description") for field in node["properties"].values())


def test_the_command_prints_the_schema() -> None:
    app = typer.Typer()
    app.command()(command.schema)
    shown = CliRunner().invoke(app, ["result"])
    assert shown.output == SCHEMA.read_text(encoding="utf-8")


def test_the_schema_takes_records_and_refuses_others() -> None:
    validator = jsonschema.Draft202012Validator(json_schema())
    validator.check_schema(json_schema())
    right = json.loads(record(parameters={"seed": 7}, metrics={"s": 1.0}).document())
    assert list(validator.iter_errors(right)) == []
    wrong: list[dict[str, Any]] = [
        {**right, "format": 2},
        {**right, "pattern": "No Label"},
        {**right, "values": []},
        {**right, "values": [{**right["values"][0], "passed": "yes"}]},
        {**right, "sight": "local"},
        {key: each for key, each in right.items() if key != "commit"},
    ]
    for each in wrong:
        assert not validator.is_valid(each), each
