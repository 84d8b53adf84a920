"""An upstream as a bare repository, and clones of it that become forks."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from sslab.fork.making import ForkWishes, adopt, drafted

ROOT = Path(__file__).parents[3]
FOLDERS = ("docs", "patterns", "policies", "schema", "sites")
IDENTITY = {
    **{f"GIT_{who}_NAME": "campus" for who in ("AUTHOR", "COMMITTER")},
    **{f"GIT_{who}_EMAIL": "campus@example.edu" for who in ("AUTHOR", "COMMITTER")},
    "GIT_CONFIG_GLOBAL": "/dev/null",
    "GIT_CONFIG_SYSTEM": "/dev/null",
}


def git(folder: Path, *words: str, codes: tuple[int, ...] = (0,)) -> str:
    done = subprocess.run(
        ("git", *words), cwd=folder, capture_output=True, text=True, check=False,
        env={**os.environ, **IDENTITY},
    )  # fmt: skip
    assert done.returncode in codes, f"git {' '.join(words)}\n{done.stdout}{done.stderr}"
    return done.stdout


@pytest.fixture(autouse=True)
def identity(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in IDENTITY.items():
        monkeypatch.setenv(name, value)


@pytest.fixture(scope="session")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the upstream has published: this repository's files that a fork is about."""
    folder = tmp_path_factory.mktemp("published")
    source = folder / "source"
    for name in FOLDERS:
        shutil.copytree(
            ROOT / name, source / name, ignore=shutil.ignore_patterns("__pycache__", "decisions")
        )
    for name in ("Pulumi.yaml", "CODEOWNERS", "README.md", "CONTRIBUTING.md"):
        shutil.copy2(ROOT / name, source / name)
    (source / ".gitignore").write_text("__pycache__/\nstacks/Pulumi.local.yaml\n")
    (source / "stacks").mkdir()
    (source / "stacks/Pulumi.nyu.yaml").write_text("encryptionsalt: v1:of-nyu\n")
    git(source, "init", "--quiet", "--initial-branch=main")
    git(source, "add", "--all")
    git(source, "commit", "--quiet", "-m", "Begin")
    bare = folder / "upstream.git"
    git(folder, "clone", "--quiet", "--bare", str(source), str(bare))
    return bare


@pytest.fixture
def upstream(published: Path, tmp_path: Path) -> Path:
    """A bare repository of the test's own."""
    bare = tmp_path / "upstream.git"
    git(tmp_path, "clone", "--quiet", "--bare", str(published), str(bare))
    return bare


@pytest.fixture
def clone(upstream: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A clone of the upstream; the current folder."""
    folder = tmp_path / "campus"
    git(tmp_path, "clone", "--quiet", str(upstream), str(folder))
    monkeypatch.chdir(folder)
    return folder


def wishes(upstream: Path, /, **other: object) -> ForkWishes:
    asked = {"name": "mycampus", "domain": "ssl.mycampus.edu", "owner": "@mycampus/ssl"}
    return ForkWishes(**{**asked, "upstream": str(upstream), **other})  # type: ignore[arg-type]


@pytest.fixture
def fork(clone: Path, upstream: Path) -> Path:
    """A clone that has been made a fork."""
    with drafted(clone, wishes(upstream)) as draft:
        adopt(draft)
    return clone


@pytest.fixture
def push(upstream: Path, tmp_path: Path) -> Callable[..., str]:
    """Change files of the upstream (None deletes one) and return the new commit."""

    def publish(files: dict[str, str | None], subject: str = "Change") -> str:
        work = tmp_path / "work"
        if not work.exists():
            git(tmp_path, "clone", "--quiet", str(upstream), str(work))
        for name, text in files.items():
            path = work / name
            if text is None:
                path.unlink()
            else:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text)
        git(work, "add", "--all")
        git(work, "commit", "--quiet", "-m", subject)
        git(work, "push", "--quiet", "origin", "main")
        return git(work, "rev-parse", "HEAD").strip()

    return publish
