from __future__ import annotations

import shutil
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder: a repository with this one's sites and patterns."""
    for folder in ("sites", "patterns"):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    (tmp_path / "Pulumi.yaml").write_text("name: ssl\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path
