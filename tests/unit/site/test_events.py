"""The quick reader of YAML finds what the careful one finds, or leaves the text to it."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sslab.site import events
from sslab.site.diagnostics import Diagnostic
from sslab.site.document import Document, control_characters
from sslab.site.events import Kind, careful_events, quick_events
from sslab.site.reading import read_document
from tests.unit.site.test_mutations import SEEDS, SITES, mutated
from tests.unit.site.wrong_files import REPOSITORY, ROOT

RIGHT = sorted([*REPOSITORY.glob("sites/*.yaml"), *REPOSITORY.glob("patterns/*/pattern.yaml")])
FIXTURES = sorted(ROOT.rglob("*.yaml"))

ALIKE = (
    "a: {b: [c, 'd', \"e\"], f: g}  # comment\n",
    "---\na: 1\n",
    'a: "\\x41\\u00e9\\U0001F600\\N\\/ \\\n  b"\n',
    "a: it's 50% of a@b & c*d, e#f | g > h\n",
    "a: one\n  two\n\n  three\nb: 'one\n\n  two'\n",
    "a:\n- b: c\n  d: e\n- - f\n  - g\n",
    "a: |\n  b: c\n\n    d\n  # e\nf: >-\n  g\n  h\n",
    "a: http://b.c:80/d?e=f#g\nh: 10:20\ni: -1\nj: ~\n",
    "é: 😀 x\n😀: [é, {😀: 'é'}]\n",
    "a: [b,\n  c: d\n  ]\n",
)
READ_DIFFERENTLY = (
    "a:\nb: 1\n",  # where nothing is written they place it differently
    "- \n- a\n",
    "a: {b: , c: d}\n",
    "a:\tb\n",  # tabs
    "a: b\r\n",
    "%YAML 1.1\n---\na: 1\n",
    "a: 1\n...\n",
    "a: 1\n... # b\n...\n",
    'a: ["b":c]\n',
    "a: |#b\n  c\n",  # block scalars
    "a: >\n     \n  b\n",
    "a: |2\n  b\n",
    "a: &b c\n",
    "a: *b\n",
    "a: !!str b\n",
    "a: [b\n",  # not YAML
    "a: " + "[" * 60 + "]" * 60 + "\n",
    "a:\n" + "- x\n" * 20_000,
)


def read(path: Path) -> tuple[Document, tuple[Diagnostic, ...]]:
    return read_document(path, path.name)


@pytest.mark.parametrize("path", [*RIGHT, *FIXTURES], ids=lambda path: path.stem)
def test_a_file_is_the_same_document_either_way(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usual = read(path)
    monkeypatch.setattr(events, "quick_events", lambda _: None)
    assert read(path) == usual


@pytest.mark.parametrize("path", RIGHT, ids=lambda path: path.stem)
def test_the_files_of_the_repository_are_read_quickly(path: Path) -> None:
    assert quick_events(path.read_text(encoding="utf-8")) is not None


@pytest.mark.parametrize("text", ALIKE)
def test_what_both_read_alike_is_read_quickly(text: str) -> None:
    assert quick_events(text) == list(careful_events(text))


@pytest.mark.parametrize("text", READ_DIFFERENTLY, ids=lambda text: repr(text[:20]))
def test_what_may_be_read_differently_is_left_to_the_careful_reader(text: str) -> None:
    assert quick_events(text) is None


def compare(text: str) -> bool:
    """Check that both readers agree; return whether the quick one has read the text."""
    if next(control_characters(text), None):
        return False  # refused before it is parsed
    quick = quick_events(text)
    if quick is None:
        return False
    assert quick == list(careful_events(text))
    return True


PIECES = st.sampled_from(
    [
        *("a", "b: ", "c:\n", "- ", "\n", "\n  ", "\n    ", " ", "# d", " # e\n", "é", "😀"),
        *("[", "]", "{", "}", ", ", ",", ":", ": ", "? ", "?", "-", "---\n", "...\n", "&f", "*f"),
        *(
            "'",
            '"',
            "''",
            '\\"',
            "\\",
            "'g'",
            '"h"',
            '"i\\\n  j"',
            "'k\n\n  l'",
            "|\n  m",
            ">-\n  n",
        ),
        *("|", ">", "|+\n  o\n\n", "!", "%", "@", "`", "<<: ", "~", "null", "1.5", "x#y", "x #y"),
    ]
)


@pytest.mark.volume
@settings(max_examples=1_000, deadline=None, suppress_health_check=list(HealthCheck))
@given(pieces=st.lists(PIECES, max_size=12))
def test_any_pieces_of_yaml(pieces: list[str]) -> None:
    compare("a: " + "".join(pieces))
    compare("".join(pieces) + "\n")


@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
@given(name=st.sampled_from(sorted(SITES)), seeds=SEEDS)
def test_a_mutated_site_file(name: str, seeds: list[int]) -> None:
    compare(mutated(name, seeds).decode(errors="replace"))


@pytest.mark.volume
@settings(max_examples=3_000, deadline=None, suppress_health_check=list(HealthCheck))
@given(name=st.sampled_from(sorted(SITES)), seeds=SEEDS)
def test_many_mutated_site_files(name: str, seeds: list[int]) -> None:
    compare(mutated(name, seeds).decode(errors="replace"))


@pytest.mark.parametrize("bomb", ["[" * 100_000, "a: {" * 50_000, "- " * 100_000, "? " * 100_000])
def test_what_is_deep_costs_no_time(bomb: str) -> None:
    started = time.process_time()
    assert quick_events(bomb) is None
    assert time.process_time() - started < 0.5


def test_without_libyaml_everything_is_read_carefully(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(yaml, "__with_libyaml__", False)
    assert quick_events("a: 1\n") is None
    kinds = [event.kind for event in events.parse("a: 1\n")]
    assert kinds == [Kind.DOCUMENT, Kind.MAPPING, Kind.SCALAR, Kind.SCALAR, Kind.END]


def test_the_careful_reader_is_imported_only_where_it_is_needed(tmp_path: Path) -> None:
    right, wrong = tmp_path / "right.yaml", tmp_path / "wrong.yaml"
    right.write_text("a: 1\n")
    wrong.write_text("a: [1\n")
    program = (
        "import sys\n"
        "from pathlib import Path\n"
        "from sslab.site.reading import read_document\n"
        "for name in sys.argv[1:]:\n"
        "    read_document(Path(name), name)\n"
        "    print('ruamel.yaml' in sys.modules)\n"
    )
    run = subprocess.run(
        [sys.executable, "-c", program, right, wrong],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=True,
    )
    assert run.stdout.split() == ["False", "True"]
