import json
import re
from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import pytest
import typer
from typer.testing import CliRunner

from sslab.cli import schema as command
from sslab.site.loading import load_site
from sslab.site.model import Site
from sslab.site.reading import read_document
from sslab.site.reference import reference_page
from sslab.site.schema import json_schema, schema_of
from tests.unit.site.wrong_files import REPOSITORY, ROOT

PAGE = REPOSITORY / "docs" / "site-file.md"
EDITORS = REPOSITORY / "schema" / "site.json"


def data_of(path: Path) -> Any:
    document, _ = read_document(path, path.name)
    return document.data


def test_the_reference_page_is_up_to_date() -> None:
    remedy = "run: python -m sslab.site.reference > docs/site-file.md"
    assert PAGE.read_text(encoding="utf-8") == reference_page(), remedy


def test_the_smallest_file_of_the_reference_page_is_an_active_site(tmp_path: Path) -> None:
    example = reference_page().split("```yaml\n")[1].split("```")[0]
    path = tmp_path / "example.yaml"
    path.write_text(example, encoding="utf-8")
    assert load_site(path, ROOT).status == "active"
    for line in example.splitlines():  # and nothing in it can be left out
        if line.startswith("  "):
            path.write_text(example.replace(f"{line}\n", ""), encoding="utf-8")
            with pytest.raises(Exception, match=re.escape("example.yaml:")):
                load_site(path, ROOT)


def test_every_field_of_the_schema_is_on_the_page() -> None:
    page = PAGE.read_text(encoding="utf-8")
    schema = json_schema()
    for definition in (schema, *schema["$defs"].values()):
        for field in definition["properties"]:
            assert f"| `{field}` |" in page


def test_every_section_of_the_page_is_there_once() -> None:
    headings = re.findall(r"^#+ .*$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    assert len(headings) == len(set(headings))
    for part in ("`contacts[]`", "`cluster.node_pools[]`", "`ingress.tls`", "`storage.rwx_server`",
                 "`rules.bare_pods`"):  # fmt: skip
        assert any(part in heading for heading in headings), part


def test_every_field_is_described() -> None:
    schema = schema_of(Site)
    for definition in (schema.root, *schema.root["$defs"].values()):
        for name, field in definition["properties"].items():
            is_tag = name == "kind" and "const" in field
            assert is_tag or schema.resolve(field).get("description"), name


def test_the_schema_for_editors_is_up_to_date() -> None:
    remedy = "run: .venv/bin/sslab schema > schema/site.json"
    current = command.editor_schema(REPOSITORY)
    assert json.loads(EDITORS.read_text(encoding="utf-8")) == current, remedy


def test_the_command_prints_the_schema(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(REPOSITORY)
    app = typer.Typer()
    app.command()(command.schema)
    shown = CliRunner().invoke(app)
    assert shown.exit_code == 0
    assert shown.output == EDITORS.read_text(encoding="utf-8")


def test_editors_take_the_repositorys_sites_and_refuse_wrong_ones() -> None:
    schema = json.loads(EDITORS.read_text(encoding="utf-8"))
    validator = jsonschema.Draft202012Validator(schema)
    validator.check_schema(schema)
    right = data_of(REPOSITORY / "sites" / "local.yaml")
    for path in REPOSITORY.glob("sites/*.yaml"):
        assert list(validator.iter_errors(data_of(path))) == []
    for wrong in (
        {"name": "x"},
        {**right, "name": "Not_A_Label"},
        {**right, "nmae": "local"},
        {**right, "cluster": {"kind": "kubernetes"}},
        {**right, "patterns": {"z-peek": {}}},
        {**right, "patterns": {"z-peak": {"seed": -1}}},
        {**right, "patterns": {"z-peak": {"sede": 1}}},
    ):
        assert not validator.is_valid(wrong), wrong


def test_editors_show_what_patterns_there_are_and_their_settings() -> None:
    patterns = json.loads(EDITORS.read_text(encoding="utf-8"))["properties"]["patterns"]
    folders = {path.parent.name for path in REPOSITORY.glob("patterns/*/pattern.yaml")}
    assert {name.replace("-", "_") for name in patterns["properties"]} == folders
    for pattern in patterns["properties"].values():
        assert pattern["description"]
        for setting in pattern.get("properties", {}).values():
            assert setting["description"]


def test_a_pattern_without_settings_and_one_with_definitions(tmp_path: Path) -> None:
    for name, settings in (("plain", None), ("nested", NESTED)):
        folder = tmp_path / "patterns" / name
        folder.mkdir(parents=True)
        (folder / "pattern.yaml").write_text(CONTRACT.replace("NAME", name), encoding="utf-8")
        if settings:
            (folder / "settings.py").write_text(settings, encoding="utf-8")
    validator = jsonschema.Draft202012Validator(command.editor_schema(tmp_path))
    site = {**data_of(REPOSITORY / "sites" / "local.yaml")}
    assert validator.is_valid({**site, "patterns": {"plain": {}, "nested": {"inner": {"n": 1}}}})
    assert not validator.is_valid({**site, "patterns": {"plain": {"any": 1}}})
    assert not validator.is_valid({**site, "patterns": {"nested": {"inner": {"n": "one"}}}})


CONTRACT = """\
name: NAME
title: A pattern
summary: Does something.
licence: Apache-2.0
image: NAME
needs: {cpu: "1", memory: 1Gi}
"""
NESTED = """\
from pydantic import Field
from sslab.site.types import Model

class Inner(Model):
    n: int = Field(description="A number.")

class Settings(Model):
    inner: Inner = Field(description="What is inside.")
"""
