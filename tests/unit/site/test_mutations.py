"""Whatever is done to a site file, it gives a site or diagnostics: never another exception.

`python -m tests.unit.site.test_mutations 10000` checks so many files in bounded memory, and prints
as JSON how many there were and how much memory they took.
"""

from __future__ import annotations

import json
import random
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest import mock

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sslab.catalogue.loading import read_contracts
from sslab.site import loading
from sslab.site.diagnostics import render
from sslab.site.loading import validate
from sslab.site.model import Site
from tests.unit.site.wrong_files import REPOSITORY

SITES = {
    path.stem: path.read_text(encoding="utf-8") for path in sorted(REPOSITORY.glob("sites/*.yaml"))
}
CONTRACTS = cache(read_contracts)  # it is not the patterns that are mutated
SLOWEST = 2.0  # seconds of processor time for one file; ordinary is a hundredth of it
MOST_MEMORY = 64 * 2**20  # bytes by which checking files may raise the process's peak
ADDRESS_SPACE = 2 * 2**30  # bytes beyond which the process gets no memory at all

PIECES = [
    *"\t\n\r\0\x07\x85{}[]:,-?|>'\"*&!%@`#~\\",
    *("\ufeff", "\u2028", "\u202e", "é", "😀", "<<", "---", "...", "- ", ": ", " #", "\r\n"),
    *("null", "true", "yes", ".nan", "-.inf", "1e999", "0o17", "08080", "-1", "9" * 60, "2.5"),
    *("&a", "*a", "!!python/object:os.system", "!!str", "%YAML 1.1", "\\ud800", '"\\ud800"'),
    *("[key]", "kind", "local", "existing", "password", "AKIAIOSFODNN7EXAMPLE", "{}", "[]"),
    *("[" * 30, "{" * 30, "? ", "|9", ">-", "z-peak", "Z_Peak", "6 GB", "\n  ", "\n\t"),
]
BOMBS = [
    *("[" * 5_000, "{a: " * 5_000, "- " * 5_000, "[x, " * 3_000, "- x\n" * 6_000, "? " * 2_000),
    *("x" * 100_000, "\n" * 100_000, "#" * 300_000, '"' + "\\n" * 20_000, "9" * 20_000),
    "".join(f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]\n" for n in range(1, 60)),
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


def _explode(rng: random.Random, text: list[str]) -> list[str]:
    at = rng.randrange(len(text) + 1)
    return text[:at] + list(rng.choice(BOMBS)) + text[at:]


MUTATIONS = (
    _insert,
    _delete,
    *map(_on_lines, (_replace_value, _replace_value, _move, _repeat, _indent)),
)


def mutated(name: str, seeds: list[int]) -> bytes:
    """Return a site's file after one change for each seed."""
    text = list(SITES[name])
    rng = random.Random()
    for seed in seeds:
        rng.seed(seed)
        change = _explode if rng.random() < 0.01 else rng.choice(MUTATIONS)
        text = change(rng, text)
    data = "".join(text).encode()
    if rng.random() < 0.05 and data:
        at = rng.randrange(len(data))
        data = data[:at] + bytes([rng.randrange(256)]) + data[at + 1 :]
    return data


def check(folder: Path, name: str, data: bytes) -> bool:
    """Check that the bytes give a site or diagnostics; return whether it is a site."""
    path = folder / f"{name}.yaml"
    path.write_bytes(data)
    started = time.process_time()
    with mock.patch.object(loading, "read_contracts", CONTRACTS):
        sites, diagnostics = validate([path], REPOSITORY)
    for format in ("text", "github", "json"):
        render(diagnostics, format)
    assert time.process_time() - started < SLOWEST
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


def check_many(examples: int) -> dict[str, int]:
    """Check so many mutated files; return how many there were, and how the memory grew by them."""
    files = right = grown = 0

    @settings(max_examples=examples, deadline=None, suppress_health_check=list(HealthCheck))
    @given(name=st.sampled_from(sorted(SITES)), seeds=SEEDS)
    def one_file(name: str, seeds: list[int]) -> None:
        nonlocal files, right, grown
        data = mutated(name, seeds)
        before = _peak()  # hypothesis keeps all examples, which should not count
        right += check(Path(folder), name, data)
        grown += _peak() - before
        files += 1

    with TemporaryDirectory() as folder:
        for data in (SITES["local"].encode(), b"["):  # imports what is imported once
            check(Path(folder), "local", data)
        resource.setrlimit(resource.RLIMIT_AS, (ADDRESS_SPACE, ADDRESS_SPACE))
        one_file()
    return {"files": files, "right": right, "grown": grown}


def _peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


SEEDS = st.lists(st.integers(min_value=0, max_value=2**32), min_size=1, max_size=6)


@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(name=st.sampled_from(sorted(SITES)), seeds=SEEDS)
def test_a_mutated_site_file(
    tmp_path_factory: pytest.TempPathFactory, name: str, seeds: list[int]
) -> None:
    check(tmp_path_factory.getbasetemp(), name, mutated(name, seeds))


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.one_of(st.binary(max_size=300), st.text(max_size=300).map(str.encode)))
def test_any_bytes(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    check(tmp_path_factory.getbasetemp(), "local", data)


@pytest.mark.parametrize(
    "files",
    [pytest.param(1_000, marks=pytest.mark.volume), pytest.param(10_000, marks=pytest.mark.long)],
)
def test_many_mutated_site_files_in_bounded_memory(files: int) -> None:
    run = subprocess.run(
        [sys.executable, "-m", __name__, str(files)],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    took = json.loads(run.stdout)
    assert took["files"] >= files
    assert 0 < took["right"] < took["files"], "always right, or always wrong, shows nothing"
    assert took["grown"] < MOST_MEMORY


if __name__ == "__main__":
    print(json.dumps(check_many(int(sys.argv[1]))))
