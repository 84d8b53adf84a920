"""docs/plan.md: its commands run, and its JSON is what is printed."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from sslab.cli.plan import plan as command
from tests.unit.plan.conftest import Repository

pytestmark = pytest.mark.volume

PAGE = (Path(__file__).parents[3] / "docs/plan.md").read_text()
COMMANDS = re.findall(r"^\$ sslab plan (.*)$", PAGE, re.MULTILINE)


@pytest.fixture
def documented(repository: Repository, monkeypatch: pytest.MonkeyPatch) -> Repository:
    """A repository in which what the page names is there, and a claim has another class."""
    repository.site("local")
    repository.site("chicago")
    repository.commit("sites")
    repository.git("update-ref", "refs/remotes/origin/main", "sites")
    program = (repository.root / "__main__.py").read_text()
    repository.write("__main__.py", program.replace('"spec": {', '"spec": {"volumeName": "a", '))
    repository.commit("changed")
    monkeypatch.chdir(repository.root)
    return repository


def run(words: str, code: int = 0) -> str:
    app = typer.Typer()
    app.command()(command)
    result = CliRunner().invoke(app, shlex.split(words))
    assert result.exit_code == code, result.output
    return result.stdout


def shape(value: Any) -> Any:
    """Return the keys of a document; one element stands for all of a list."""
    if isinstance(value, dict):
        return {key: shape(each) for key, each in value.items()}
    return [shape(value[0])] if isinstance(value, list) and value else ...


def test_the_commands_of_the_page_run(documented: Repository) -> None:
    assert len(COMMANDS) == 4
    # the second and the third compare, and lose data
    text, compared, markdown, document = map(run, COMMANDS, (0, 1, 1, 0))
    assert text.startswith("Plan of 1 site")
    assert "against origin/main" in compared
    assert "REFUSED: DATA WOULD BE LOST" in compared
    assert markdown.startswith("### Plan of 1 site")
    assert set(json.loads(document)["sites"]) == {"a", "chicago", "local"}


def test_the_document_of_the_page_is_what_is_printed(documented: Repository) -> None:
    sample = json.loads(PAGE.partition("```json\n")[2].partition("```")[0])
    site = sample["sites"]["chicago"]
    printed = json.loads(run("chicago --against origin/main --format json", 1))
    found = printed["sites"]["chicago"]
    assert shape(printed) | {"sites": 0} == shape(sample) | {"sites": 0}
    assert list(found) == list(site)
    assert shape(found["changes"]) == shape(site["changes"])
    assert shape(found["powers"]["taken"]) == shape(site["powers"]["taken"])
    assert set(found["totals"]["storage"]) == set(site["totals"]["cpu"])
    assert shape(found["policies"]) == shape(site["policies"])
    assert found["counts"] == site["counts"]
