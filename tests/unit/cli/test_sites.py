from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from sslab.cli.sites import app
from sslab.errors import SslabError

command = typer.Typer()
command.add_typer(app, name="site")


def sslab(*words: str) -> Result:
    return CliRunner().invoke(command, words)


def test_a_site_is_added_and_the_next_steps_are_told(repository: Path) -> None:
    shown = sslab("site", "add", "newcomer", "--like", "nyu")
    assert shown.exit_code == 0
    assert shown.output == (
        "sites/newcomer.yaml is written: active, like nyu\n"
        "next:\n"
        "  edit sites/newcomer.yaml; docs/site-file.md has every field\n"
        "  .venv/bin/sslab validate\n"
        "  .venv/bin/sslab plan newcomer\n"
    )
    assert (repository / "sites/newcomer.yaml").is_file()


def test_a_planned_site_is_not_to_be_planned_for(repository: Path) -> None:
    shown = sslab("site", "add", "newcomer", "--kind", "hpc")
    assert shown.exit_code == 0
    assert "is written: planned, kind hpc" in shown.output
    assert "sslab plan" not in shown.output
    assert "write `status: active` when there is a cluster" in shown.output


@pytest.mark.parametrize(
    "words",
    [
        ("site", "add", "newcomer"),
        ("site", "add", "newcomer", "--like", "nyu", "--kind", "gke"),
        ("site", "add", "newcomer", "--kind", "mainframe"),
        ("site", "add"),
    ],
)
def test_wrong_usage_is_exit_code_two(words: tuple[str, ...], repository: Path) -> None:
    assert sslab(*words).exit_code == 2
    assert not (repository / "sites/newcomer.yaml").exists()


def test_a_refusal_is_the_message_that_the_program_prints(repository: Path) -> None:
    shown = sslab("site", "add", "nyu", "--like", "sdsc")
    assert shown.exit_code == 1
    assert isinstance(shown.exception, SslabError)
    assert "sites/nyu.yaml is there already" in str(shown.exception)


def test_the_help_has_examples() -> None:
    shown = sslab("site", "add", "--help")
    assert shown.exit_code == 0
    assert "sslab site add my-campus --like nyu" in " ".join(shown.output.split())
