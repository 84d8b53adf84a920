"""A new pattern is right at once, and a name that cannot be leaves nothing behind."""

from __future__ import annotations

import ast
import shutil
from pathlib import Path

import pytest

from sslab.catalogue.adding import LONGEST, add_pattern
from sslab.catalogue.loading import load_contracts, settings_model
from sslab.errors import SslabError

pytestmark = pytest.mark.volume

ROOT = Path(__file__).parents[3]


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """Return a repository with this one's patterns and the lock of the analysis' image."""
    shutil.copytree(ROOT / "patterns", tmp_path / "patterns")
    lock = Path("images/analysis/requirements.lock")
    (tmp_path / lock).parent.mkdir(parents=True)
    shutil.copy(ROOT / lock, tmp_path / lock)
    return tmp_path


def everything(folder: Path) -> set[Path]:
    return {path for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("my-pattern", "My pattern"),
        ("abd", "Abd"),
        ("x" * LONGEST, "X" + "x" * (LONGEST - 1)),
        ("tau-2-fit", "Tau 2 fit"),
    ],
)
def test_a_new_pattern_has_a_right_contract_and_code(
    repository: Path, name: str, title: str
) -> None:
    before = everything(repository)
    files = add_pattern(repository, name)
    assert everything(repository) - before == set(files)
    contract = load_contracts(repository)[name]
    assert contract.title == title
    assert contract.needs.object_storage
    model = settings_model(repository, name)
    assert model is not None
    assert model.model_validate({}).model_dump()["decays"] == 10_000
    folder = repository / "patterns" / name.replace("-", "_")
    code = (folder / "component.py").read_text()
    assert f'package="{name.replace("-", "_")}"' in code
    for path in files:
        text = path.read_text(encoding="utf-8")
        assert "ew pattern" not in text.replace(title, "")
        assert "new_pattern" not in text
        assert max((len(line) for line in text.splitlines()), default=0) <= 100 or (
            path.suffix == ".md"
        )
        if path.suffix == ".py":
            ast.parse(text)


def test_a_title_may_be_chosen(repository: Path) -> None:
    add_pattern(repository, "tau-fit", "Lifetime of the tau (LEP)")
    assert load_contracts(repository)["tau-fit"].title == "Lifetime of the tau (LEP)"
    page = (repository / "docs/patterns/tau-fit.md").read_text(encoding="utf-8")
    assert page.startswith("# Lifetime of the tau (LEP)\n")


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("z-peak", "patterns/z_peak is there already; choose another name, or edit that pattern"),
        ("My Pattern", '"My Pattern" cannot be a pattern\'s name; did you mean "my-pattern"?'),
        ("my_pattern", '"my_pattern" cannot be a pattern\'s name; did you mean "my-pattern"?'),
        ("2nd-fit", "cannot be a pattern's name"),
        ("ab", "cannot be a pattern's name"),
        ("fit-", "cannot be a pattern's name"),
        ("", "cannot be a pattern's name"),
        ("../evil", "cannot be a pattern's name"),
        ("x" * (LONGEST + 1), f"is longer than {LONGEST} characters; shorten it"),
        ("json", "json is the name of something else in Python or in the laboratory"),
        ("numpy", "choose another name, as in my-numpy"),
        ("python-dateutil", "is the name of something else"),
        ("import", "is the name of something else"),
        ("settings", "is the name of something else"),
        ("sources", "is the name of something else"),
        ("sslab", "is the name of something else"),
        ("ssl-analysis", "is the name of something else"),
    ],
)
def test_a_name_that_cannot_be_writes_nothing(repository: Path, name: str, message: str) -> None:
    before = everything(repository)
    with pytest.raises(SslabError) as caught:
        add_pattern(repository, name)
    assert message in str(caught.value)
    assert everything(repository) == before


@pytest.mark.parametrize(
    "title", ['A "quoted" one', "two\nlines", "lower", "A \\ b", "X" * 60, "{{x}}", "A: b", "A "]
)
def test_a_title_that_code_cannot_hold_is_refused(repository: Path, title: str) -> None:
    before = everything(repository)
    with pytest.raises(SslabError, match="cannot be a pattern's title"):
        add_pattern(repository, "my-pattern", title)
    assert everything(repository) == before


def test_no_file_is_written_over(repository: Path) -> None:
    page = repository / "docs/patterns/my-pattern.md"
    page.parent.mkdir(parents=True)
    page.write_text("mine", encoding="utf-8")
    before = everything(repository)
    with pytest.raises(SslabError, match=r"docs/patterns/my-pattern\.md is there already"):
        add_pattern(repository, "my-pattern")
    assert everything(repository) == before
    assert page.read_text(encoding="utf-8") == "mine"


def test_a_disk_that_fails_half_way_leaves_nothing(
    repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = everything(repository)
    (repository / "docs").write_text("a file where a folder has to be", encoding="utf-8")
    with pytest.raises(OSError, match="docs"):
        add_pattern(repository, "my-pattern")
    assert everything(repository) == before | {repository / "docs"}
    assert "my-pattern" not in load_contracts(repository)
