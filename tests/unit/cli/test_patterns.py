from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from sslab.catalogue.loading import load_contracts
from sslab.cli.patterns import FORM, app
from sslab.cli.schema import editor_schema
from sslab.errors import SslabError

ROOT = Path(__file__).parents[3]
command = typer.Typer()
command.add_typer(app, name="pattern")


def sslab(*words: str) -> Result:
    return CliRunner().invoke(command, words)


def test_a_pattern_is_added_and_the_next_steps_are_told(repository: Path) -> None:
    (repository / "schema").mkdir()
    shutil.copy(ROOT / "schema/site.json", repository / "schema/site.json")
    shown = sslab("pattern", "add", "my-pattern")
    assert shown.exit_code == 0
    lines = shown.output.splitlines()
    assert lines[0] == "patterns/my_pattern/pattern.yaml is written"
    assert lines[lines.index("next:") + 1 :] == [
        "  .venv/bin/pytest tests/unit/patterns/my_pattern tests/components/test_my_pattern.py",
        "  sites/local.yaml: add `my-pattern` to object_storage.buckets and `my-pattern: {}` to "
        "patterns",
        "  .venv/bin/sslab up local",
        "  docs/add-a-pattern.md says how to put your own measurement in its place",
    ]
    schema = json.loads((repository / "schema/site.json").read_text(encoding="utf-8"))
    assert schema == editor_schema(repository)
    assert "my-pattern" in schema["properties"]["patterns"]["properties"]


def test_the_form_for_a_site_offers_the_new_pattern_and_is_else_as_it_was(
    repository: Path,
) -> None:
    form = repository / FORM
    form.parent.mkdir(parents=True)
    before = (ROOT / FORM).read_text(encoding="utf-8")
    form.write_text(before, encoding="utf-8")
    assert sslab("pattern", "add", "my-pattern").exit_code == 0
    old = sorted(load_contracts(ROOT))
    new = sorted([*old, "my-pattern"])
    assert form.read_text(encoding="utf-8") == before.replace(
        f"[{', '.join(old)}]", f"[{', '.join(new)}]"
    )
    assert form.read_text(encoding="utf-8") != before


def test_what_is_wrong_in_another_pattern_is_told_before_anything_is_written(
    repository: Path,
) -> None:
    broken = repository / "patterns/z_peak/pattern.yaml"
    broken.write_text(broken.read_text(encoding="utf-8") + "wrong: 1\n", encoding="utf-8")
    shown = sslab("pattern", "add", "my-pattern")
    assert shown.exit_code == 1
    assert "wrong: is not a field" in str(shown.exception)
    assert not (repository / "patterns/my_pattern").exists()


def test_a_refusal_is_the_message_that_the_program_prints(repository: Path) -> None:
    shown = sslab("pattern", "add", "z-peak")
    assert shown.exit_code == 1
    assert isinstance(shown.exception, SslabError)
    assert "patterns/z_peak is there already" in str(shown.exception)


@pytest.mark.parametrize("words", [("pattern", "add"), ("pattern", "add", "a", "b")])
def test_wrong_usage_is_exit_code_two(words: tuple[str, ...], repository: Path) -> None:
    assert sslab(*words).exit_code == 2


def test_the_help_has_examples() -> None:
    shown = " ".join(sslab("pattern", "add", "--help").output.split())
    assert "sslab pattern add my-pattern" in shown
    assert "sslab pattern add tau-lifetime --title" in shown
