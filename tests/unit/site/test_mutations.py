"""Whatever is done to a site file, it gives a site or diagnostics: never another exception."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sslab.site.diagnostics import render
from sslab.site.loading import validate
from sslab.site.model import Site
from tests.unit.site.wrong_files import REPOSITORY, ROOT

LOCAL = (REPOSITORY / "sites" / "local.yaml").read_text(encoding="utf-8")
SLOWEST = 2.0  # seconds for one file, on a busy machine; ordinary is a hundredth of it

PIECES = [
    *"\t\n\r\0\x07\x85{}[]:,-?|>'\"*&!%@`#~\\",
    *("\ufeff", "\u2028", "\u202e", "é", "😀", "<<", "---", "...", "- ", ": ", " #", "\r\n"),
    *("null", "true", "yes", ".nan", "-.inf", "1e999", "0o17", "08080", "-1", "9" * 60, "2.5"),
    *("&a", "*a", "!!python/object:os.system", "!!str", "%YAML 1.1", "\\ud800", '"\\ud800"'),
    *("[key]", "kind", "local", "existing", "password", "AKIAIOSFODNN7EXAMPLE", "{}", "[]"),
    *("[" * 30, "{" * 30, "? ", "|9", ">-", "z-peak", "Z_Peak", "6 GB", "\n  ", "\n\t"),
]


Mutation = Callable[[random.Random, list[str]], list[str]]


def _insert(rng: random.Random, text: list[str]) -> list[str]:
    at = rng.randrange(len(text) + 1)
    return text[:at] + list(rng.choice(PIECES)) + text[at:]


def _delete(rng: random.Random, text: list[str]) -> list[str]:
    at = rng.randrange(len(text) + 1)
    return text[:at] + text[at + rng.choice([1, 1, 5, 50]) :]


def _on_lines(change: Mutation) -> Mutation:
    def changed(rng: random.Random, text: list[str]) -> list[str]:
        return list("".join(change(rng, "".join(text).splitlines(keepends=True))))

    return changed


def _replace_value(rng: random.Random, lines: list[str]) -> list[str]:
    at = rng.randrange(len(lines) or 1)
    key, _, _ = "".join(lines[at : at + 1]).partition(":")
    return [*lines[:at], f"{key}: {rng.choice(PIECES)}\n", *lines[at + 1 :]]


def _move(rng: random.Random, lines: list[str]) -> list[str]:
    at = rng.randrange(len(lines) or 1)
    rest = lines[:at] + lines[at + 1 :]
    to = rng.randrange(len(rest) + 1)
    return [*rest[:to], *lines[at : at + 1], *rest[to:]]


def _repeat(rng: random.Random, lines: list[str]) -> list[str]:
    at = rng.randrange(len(lines) or 1)
    return lines[:at] + lines[at : at + 3] + lines[at:]


def _indent(rng: random.Random, lines: list[str]) -> list[str]:
    at = rng.randrange(len(lines) or 1)
    changed = [rng.choice(["  ", " ", "\t"]) + line for line in lines[at : at + 1]]
    return [*lines[:at], *changed, *lines[at + 1 :]]


MUTATIONS = (
    _insert,
    _delete,
    *map(_on_lines, (_replace_value, _replace_value, _move, _repeat, _indent)),
)


def mutated(seed: int) -> bytes:
    rng = random.Random(seed)
    text = list(LOCAL)
    for _ in range(rng.choice([1, 1, 2, 4, 12])):
        text = rng.choice(MUTATIONS)(rng, text)
    data = "".join(text).encode()
    if rng.random() < 0.05 and data:
        at = rng.randrange(len(data))
        data = data[:at] + bytes([rng.randrange(256)]) + data[at + 1 :]
    return data


def check(path: Path, data: bytes) -> bool:
    """Check that the bytes give a site or diagnostics; return whether it is a site."""
    path.write_bytes(data)
    started = time.perf_counter()
    sites, diagnostics = validate([path], ROOT)
    for format in ("text", "github", "json"):
        render(diagnostics, format)
    assert time.perf_counter() - started < SLOWEST
    if diagnostics:
        assert sites == {}
        lines = data.count(b"\n") + data.count(b"\r") + 2
        for each in diagnostics:
            assert each.problem
            assert each.remedy
            assert str(each).isprintable()
            assert 1 <= each.line <= lines
            assert each.column >= 1
            assert "AKIAIOSFODNN7EXAMPLE" not in str(each)
    else:
        assert isinstance(sites[path], Site)
    return not diagnostics


@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(seed=st.integers(min_value=0, max_value=2**63))
def test_a_mutated_site_file(tmp_path_factory: pytest.TempPathFactory, seed: int) -> None:
    check(tmp_path_factory.getbasetemp() / "local.yaml", mutated(seed))


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.one_of(st.binary(max_size=300), st.text(max_size=300).map(str.encode)))
def test_any_bytes(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    check(tmp_path_factory.getbasetemp() / "local.yaml", data)


@pytest.mark.long
def test_ten_thousand_mutated_site_files(tmp_path: Path) -> None:
    right = sum(check(tmp_path / "local.yaml", mutated(seed)) for seed in range(10_000))
    assert 0 < right < 10_000, "mutations that never break, or always break, show nothing"
