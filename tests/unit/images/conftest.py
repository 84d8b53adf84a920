"""A small repository, an empty cache, and a buildah of the tests' own."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from rich.console import Console

from sslab.images import command
from sslab.progress import Progress
from tests.unit.images.fake_buildah import FAKE_BUILDAH, Fake, put


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    root = tmp_path / "repository"
    put(root / "images/base/base.toml", 'upstream = "example/python:3"\n')
    put(root / "images/z-peak/Containerfile", "ARG BASE\nFROM ${BASE}\n")
    put(root / "images/z-peak/requirements.lock", "six\n")
    put(root / "patterns/z_peak/workload/z_peak/fit.py", "pass\n")
    put(root / "images/pause/Containerfile", "FROM scratch\nCOPY pause /pause\n")
    put(root / "toolchain/pause/main.go", "package main\n")
    return root


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "cache"


@pytest.fixture
def buildah(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Fake:
    """Put the fake first on PATH, where everyone may run it (no root, no namespaces)."""
    folder = tmp_path / "fake"
    program = put(folder / "bin" / "buildah", FAKE_BUILDAH.format(folder=folder))
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:/usr/bin:/bin")
    monkeypatch.setattr(command, "NAMESPACES", ())
    monkeypatch.setattr("os.geteuid", lambda: 0)
    fake = Fake(folder)
    fake.set("has-base")
    return fake


@pytest.fixture
def said() -> io.StringIO:
    return io.StringIO()


@pytest.fixture
def progress(said: io.StringIO) -> Progress:
    return Progress(Console(file=said, soft_wrap=True))
