"""Which folder may import which: the rooms of the repository."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
OURS = {"sslab", "components", "patterns", "policies"}
ALLOWED = {
    "components": {
        *("components", "sslab", "pulumi", "pulumi_kubernetes", "pulumi_gcp", "pulumi_openstack"),
    },
    "patterns": {"patterns", "components", "sslab", "pulumi", "pulumi_kubernetes"},
    "policies": {"policies", "sslab", "pulumi", "pulumi_policy"},
    "sslab": {"sslab"},
}
ENGINE = {"pulumi"}  # what of them sslab/engine may import: it alone runs Pulumi
WATCHED = OURS | {
    *("pulumi", "pulumi_kubernetes", "pulumi_gcp", "pulumi_openstack", "pulumi_policy"),
}
NAMELESS = {"utils", "util", "helpers", "helper", "common", "misc"}


def sources(room: str) -> list[Path]:
    return [path for path in (ROOT / room).rglob("*.py") if "workload" not in path.parts]


def imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            yield node.module.partition(".")[0]


@pytest.mark.parametrize("room", sorted(ALLOWED))
def test_a_room_imports_only_its_neighbours(room: str) -> None:
    files = sources(room)
    assert files
    wrong = {
        f"{path.relative_to(ROOT)}: {name}"
        for path in files
        for name in imported(path)
        if name in WATCHED
        and name not in ALLOWED[room]
        and not (name in ENGINE and path.is_relative_to(ROOT / "sslab" / "engine"))
    }
    # the policy pack finds its own modules beside its entry point, as Pulumi starts it
    assert wrong == set()


def test_a_workload_needs_nothing_of_the_repository() -> None:
    files = list((ROOT / "patterns").glob("*/workload/**/*.py"))
    assert files
    wrong = {
        f"{path.relative_to(ROOT)}: {name}"
        for path in files
        for name in imported(path)
        if name in WATCHED
    }
    assert wrong == set()


def test_the_program_is_short() -> None:
    assert len((ROOT / "__main__.py").read_text().splitlines()) < 40


def test_modules_are_small_and_named() -> None:
    files = [path for room in ALLOWED for path in (ROOT / room).rglob("*.py")]
    long = {path: len(path.read_text().splitlines()) for path in files}
    assert {path: lines for path, lines in long.items() if lines > 300} == {}
    assert [path for path in files if path.stem in NAMELESS or path.parent.name in NAMELESS] == []


def test_no_site_is_named_outside_its_file() -> None:
    names = {path.stem for path in (ROOT / "sites").glob("*.yaml")} - {"local"}
    texts = {
        path: path.read_text() for room in ("components", "patterns") for path in sources(room)
    }
    any_of = "|".join(names)
    # a word: "rucio" is no site's name, and neither is a host's such as eospublic.cern.ch
    named = re.compile(rf"(?<!\.)\b({any_of})\b|\b({any_of})\b(?!\.)")
    assert [path for path, text in texts.items() if named.search(text)] == []


def test_the_lock_holds_hashes_and_no_address() -> None:
    locks = [ROOT / "requirements.lock", *(ROOT / "images").rglob("requirements.lock")]
    assert len(locks) >= 3
    for lock in locks:
        text = lock.read_text()
        assert "--hash=sha256:" in text
        assert "://" not in text
