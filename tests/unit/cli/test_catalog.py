import json
import re
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from sslab.cli.catalog import catalog
from sslab.errors import SslabError

ROOT = Path(__file__).parents[3]
NAMES = sorted(path.stem for path in ROOT.glob("sites/*.yaml"))
PATTERNS = sorted(
    path.parent.name.replace("_", "-") for path in ROOT.glob("patterns/*/pattern.yaml")
)
command = typer.Typer()
command.command()(catalog)
pytestmark = pytest.mark.usefixtures("repository")


def sslab(*words: str) -> Result:
    return CliRunner().invoke(command, words)


def test_every_site_is_a_column_and_every_pattern_a_row() -> None:
    shown = sslab()
    assert shown.exit_code == 0
    table, _, reasons = shown.output.partition("\n\n")
    header, status, *rows = (line.split() for line in table.splitlines())
    assert header == ["site", *NAMES]
    assert set(status) == {"status", "active", "planned"}
    assert [row[0] for row in rows] == PATTERNS
    assert all(set(row[1:]) <= {"runs", "yes", "no"} for row in rows)
    assert "sites/princeton.yaml, Princeton University:" in reasons
    assert "cluster.kind: its pods need Kubernetes" in reasons


def test_every_no_has_its_reason() -> None:
    shown = json.loads(sslab("--format", "json").output)
    assert [each["name"] for each in shown["sites"]] == NAMES
    assert shown["diagnostics"] == []
    for site in shown["sites"]:
        for cell in site["patterns"].values():
            assert (cell["state"] == "no") == bool(cell["reasons"])
            for reason in cell["reasons"]:
                assert reason["field"]
                assert reason["remedy"]


def test_markdown_is_a_table() -> None:
    shown = sslab("--format", "markdown")
    assert shown.exit_code == 0
    assert shown.output.startswith(f"| site | {' | '.join(NAMES)} |\n|---|")


def test_one_site() -> None:
    table, _, reasons = sslab("bnl").output.partition("\n\n")
    header, status, *rows = (line.split() for line in table.splitlines())
    assert (header, status) == (["site", "bnl"], ["status", "planned"])
    assert rows == [[name, "no"] for name in PATTERNS]
    assert reasons.startswith("sites/bnl.yaml, Brookhaven")


def test_an_unknown_site_is_one_message() -> None:
    shown = sslab("sdcs")
    assert shown.exit_code == 1
    assert isinstance(shown.exception, SslabError)
    assert str(shown.exception) == 'there is no sites/sdcs.yaml; did you mean "sdsc"?'


@pytest.mark.parametrize("form", ["text", "markdown", "json"])
def test_a_wrong_site_is_told_and_the_others_are_shown(form: str, repository: Path) -> None:
    path = repository / "sites/nyu.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("scope: cluster", "scope: everything"))
    shown = sslab("--format", form)
    assert shown.exit_code == 1
    assert "chicago" in shown.stdout
    if form == "json":
        (diagnostic,) = json.loads(shown.stdout)["diagnostics"]
        assert diagnostic["field"] == "privilege.scope"
    else:
        assert shown.stderr.startswith("sites/nyu.yaml:")
        assert "privilege.scope" in shown.stderr
    assert sslab("sdsc").exit_code == 0, "that site is right"
    assert sslab("nyu").exit_code == 1


def test_a_wrong_contract_is_told(repository: Path) -> None:
    (repository / "patterns/z_peak/pattern.yaml").write_text("name: z-peak\n", encoding="utf-8")
    shown = sslab()
    assert shown.exit_code == 1
    assert "patterns/z_peak/pattern.yaml:1:1: title: is missing" in shown.stderr


def test_wrong_usage_is_exit_code_two() -> None:
    assert sslab("--format", "xml").exit_code == 2


def test_the_images_are_listed_with_what_pins_them() -> None:
    shown = sslab("--images")
    assert shown.exit_code == 0
    lines = shown.output.splitlines()
    assert lines[0].split() == ["name", "title", "state", "image", "licence"]
    assert re.search(r"^python +Plain Python stack +built here +`images/analysis`", lines[1])
    assert any(line.startswith("ampgen: Nobody publishes an image.") for line in lines)
    found = json.loads(sslab("--images", "--format", "json").output)["images"]
    assert {each["name"]: each["state"] for each in found}["root"] in {"pinned", "unpinned"}


def test_the_page_has_the_table_of_the_images() -> None:
    page = (ROOT / "docs/image-catalogue.md").read_text(encoding="utf-8")
    table = sslab("--images", "--format", "markdown").output
    assert table in page, "copy what `sslab catalog --images --format markdown` prints"


def test_images_are_not_those_of_one_site() -> None:
    shown = sslab("sdsc", "--images")
    assert isinstance(shown.exception, SslabError)
    assert "leave out sdsc" in str(shown.exception)
