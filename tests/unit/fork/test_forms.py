"""The issue forms ask for what the files of sites and patterns hold."""

from __future__ import annotations

import importlib.resources
import json
from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import pytest
import yaml
from pydantic import BaseModel

from sslab.catalogue.contract import Contract
from sslab.catalogue.loading import load_contracts
from sslab.site.facts import MaintenanceWindow
from sslab.site.model import Site

ROOT = Path(__file__).parents[3]
TEMPLATES = ROOT / ".github/ISSUE_TEMPLATE"
FORMS = sorted(path.stem for path in TEMPLATES.glob("*.yml") if path.stem != "config")
NOT_KNOWN = "not known yet"
SCHEMAS = importlib.resources.files("check_jsonschema.builtin_schemas.vendor")
OF_THE_FORM = {
    # what a form asks beside the file's fields
    "add-a-site": set(),
    "add-a-pattern": {"check"},
    "book-a-test-window": {"site", "date", "test", "effect", "contact", "agreed"},
}
MODELS: dict[str, type[BaseModel]] = {
    "add-a-site": Site,
    "add-a-pattern": Contract,
    "book-a-test-window": MaintenanceWindow,
}


def form(name: str) -> dict[str, Any]:
    text = (TEMPLATES / f"{name}.yml").read_text(encoding="utf-8")
    loaded: dict[str, Any] = yaml.safe_load(text)
    return loaded


def fields(name: str) -> dict[str, dict[str, Any]]:
    return {each["id"]: each for each in form(name)["body"] if each["type"] != "markdown"}


def variants(node: dict[str, Any], root: dict[str, Any]) -> list[dict[str, Any]]:
    """Return what a node of a JSON Schema can be, references and alternatives resolved."""
    if "$ref" in node:
        return variants(root["$defs"][node["$ref"].rpartition("/")[2]], root)
    parts = node.get("anyOf") or node.get("oneOf")
    return [found for part in parts for found in variants(part, root)] if parts else [node]


def located(model: type[BaseModel], path: str) -> list[dict[str, Any]]:
    """Return what the field at a path can be: an id of a form, `cluster__kind`."""
    root = model.model_json_schema()
    nodes = [root]
    for name in path.split("__"):
        nodes = [
            found
            for node in nodes
            if name in node.get("properties", {})
            for found in variants(node["properties"][name], root)
        ]
    return nodes


def allowed(nodes: list[dict[str, Any]]) -> set[str]:
    return {str(value) for node in nodes for value in node.get("enum", [node.get("const")])}


@pytest.mark.parametrize("name", FORMS)
def test_github_reads_the_form(name: str) -> None:
    schema = json.loads((SCHEMAS / "github-issue-forms.json").read_text(encoding="utf-8"))
    jsonschema.validate(form(name), schema)
    assert len(fields(name)) == len([e for e in form(name)["body"] if e["type"] != "markdown"])


def test_github_reads_the_chooser() -> None:
    schema = json.loads((SCHEMAS / "github-issue-config.json").read_text(encoding="utf-8"))
    jsonschema.validate(form("config"), schema)


@pytest.mark.parametrize("name", FORMS)
def test_every_field_is_one_of_the_file(name: str) -> None:
    asked = set(fields(name)) - OF_THE_FORM[name]
    assert OF_THE_FORM[name] <= set(fields(name))
    assert [path for path in sorted(asked) if not located(MODELS[name], path)] == []


@pytest.mark.parametrize("path", [id_ for id_, each in fields("add-a-site").items()
                                  if each["type"] == "dropdown" and id_ != "patterns"])  # fmt: skip
def test_a_list_offers_what_the_field_takes(path: str) -> None:
    options = set(fields("add-a-site")[path]["attributes"]["options"]) - {NOT_KNOWN}
    taken = allowed(located(Site, path))
    if path == "cluster__kind":
        taken -= {"local"}  # this machine needs no form
    assert options == taken, f"add-a-site.yml: {path}"


def test_the_patterns_that_are_offered_are_those_there_are() -> None:
    offered = fields("add-a-site")["patterns"]["attributes"]["options"]
    assert offered == sorted(load_contracts(ROOT))


@pytest.mark.parametrize("part", ["needs", "powers"])
def test_the_boxes_are_fields_of_the_contract(part: str) -> None:
    boxes = fields("add-a-pattern")[part]["attributes"]["options"]
    names = [box["label"].partition(":")[0] for box in boxes]
    assert [name for name in names if not located(Contract, f"{part}__{name}")] == []


def test_what_a_site_file_requires_is_required() -> None:
    required = {id_ for id_, each in fields("add-a-site").items()
                if each.get("validations", {}).get("required")}  # fmt: skip
    assert {*Site.model_json_schema()["required"], "contacts"} == {
        path.partition("__")[0] for path in required
    }


def test_the_pull_request_template_names_commands_that_exist() -> None:
    text = (ROOT / ".github/PULL_REQUEST_TEMPLATE.md").read_text(encoding="utf-8")
    assert "`make test-fast`" in text
    assert "\ntest-fast:" in (ROOT / "Makefile").read_text(encoding="utf-8")
