"""What the pages say about site files holds."""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = (
    "README.md",
    "docs/add-a-pattern.md",
    "docs/add-a-site.md",
    "docs/deploying.md",
    "docs/drift.md",
    "docs/migrations.md",
    "docs/fork.md",
    "docs/gitops.md",
    "docs/image-catalogue.md",
    "docs/monitoring.md",
    "docs/pattern-file.md",
    "docs/patterns/notebooks.md",
    "docs/plan.md",
    "docs/policies.md",
    "docs/rendering.md",
    "docs/results.md",
    "docs/safety.md",
    "docs/secrets.md",
    "docs/site-file.md",
    "docs/state.md",
)
NOT_COPIED = (".venv", ".git", ".hypothesis", "__pycache__", ".*_cache", "tests", "benchmarks")


def page(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def commands(text: str) -> list[str]:
    blocks = re.findall(r"```console\n(.*?)```", text, re.DOTALL)
    return [line[2:] for block in blocks for line in block.splitlines() if line[:2] == "$ "]


def test_the_readme_shows_the_local_sites_file() -> None:
    sample = page("README.md").split("```yaml\n")[1].split("```")[0]
    assert sample == page("sites/local.yaml"), "copy sites/local.yaml into README.md's first sample"


@pytest.mark.parametrize("name", PAGES)
def test_links_lead_somewhere(name: str) -> None:
    for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page(name)):
        assert (ROOT / name).parent.joinpath(target).is_file(), target


def test_links_to_sections_of_the_reference_lead_to_a_heading() -> None:
    text = page("docs/site-file.md")
    headings = re.findall(r"^#+ (.*)$", text, re.MULTILINE)
    anchors = {re.sub(r"[^a-z0-9_ -]", "", each.lower()).replace(" ", "-") for each in headings}
    assert set(re.findall(r"\]\(#([^)]*)\)", text)) <= anchors


@pytest.mark.volume
def test_the_commands_of_the_page_add_a_pattern_that_passes(tmp_path: Path) -> None:
    clone = tmp_path / "ssl"
    without = [each for each in NOT_COPIED if each != "tests"]
    shutil.copytree(ROOT, clone, ignore=shutil.ignore_patterns(*without))
    (clone / ".venv").symlink_to(Path(sys.executable).parents[1])
    environment = {**os.environ, "XDG_STATE_HOME": str(tmp_path / "state"), "COLUMNS": "200"}
    environment.pop("PYTEST_ADDOPTS", None)
    text = page("docs/add-a-pattern.md")
    shown = []
    for command in commands(text):
        if command.split()[1:] == ["validate"]:
            listed_in_the_site_file(clone, text)
        done = subprocess.run(
            shlex.split(command), cwd=clone, env=environment, capture_output=True, text=True,
            check=False, timeout=300,
        )  # fmt: skip
        assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
        shown.append(done.stdout)
    assert (clone / "patterns" / "my_pattern" / "pattern.yaml").is_file()
    assert " passed" in shown[1]
    assert "failed" not in shown[1]
    assert "site files are valid" in shown[2]
    assert "my-pattern" in shown[3]
    lint = [".venv/bin/ruff", "check", "patterns", "tests/unit/patterns", "tests/components"]
    for words in (lint, [lint[0], "format", "--check", *lint[2:]]):
        done = subprocess.run(words, cwd=clone, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout
    schema = json.loads((clone / "schema" / "site.json").read_text(encoding="utf-8"))
    assert "my-pattern" in schema["properties"]["patterns"]["properties"]


def listed_in_the_site_file(clone: Path, text: str) -> None:
    """Do what the page says of the site file of this machine."""
    site = clone / "sites" / "local.yaml"
    before = site.read_text(encoding="utf-8")
    sample = text.split("```yaml\n")[1].split("```")[0]
    assert "my-pattern: {}" in sample
    assert "my-pattern]" in sample
    after = re.sub(r"buckets: \[([^]]*)\]", r"buckets: [\1, my-pattern]", before)
    site.write_text(after.replace("patterns:\n", "patterns:\n  my-pattern: {}\n"), encoding="utf-8")


def test_a_site_is_added_by_at_most_three_commands() -> None:
    assert 1 <= len(commands(page("docs/add-a-site.md"))) <= 3


@pytest.mark.volume
def test_the_commands_of_the_page_add_a_site(tmp_path: Path) -> None:
    clone = tmp_path / "ssl"
    shutil.copytree(ROOT, clone, ignore=shutil.ignore_patterns(*NOT_COPIED))
    (clone / ".venv").symlink_to(Path(sys.executable).parents[1])
    environment = {**os.environ, "XDG_STATE_HOME": str(tmp_path / "state"), "COLUMNS": "200"}
    shown = {}
    for command in commands(page("docs/add-a-site.md")):
        done = subprocess.run(
            shlex.split(command), cwd=clone, env=environment, capture_output=True, text=True,
            check=False, timeout=300,
        )  # fmt: skip
        assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
        shown[command.split()[1]] = done.stdout
    assert (clone / "sites" / "my-campus.yaml").is_file()
    assert shown["validate"].endswith("site files are valid\n")
    assert "my-campus" in shown["plan"]
