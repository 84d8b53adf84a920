"""A copy of a fork that has the founding sites, for the tests of the code."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sslab.fork import description
from sslab.fork.codeowners import codeowners
from sslab.fork.ownership import FOUNDING, is_owned

ROOT = Path(__file__).parents[1]


def is_fork() -> bool:
    """Tell whether the sites here are a fork's."""
    return description.is_fork(ROOT)


@contextmanager
def founding_copy() -> Iterator[Path]:
    """Copy what git has or would add, with the founding sites in place of what the fork owns.

    The copy is a repository of one commit, and has the same virtual environment.
    """
    with tempfile.TemporaryDirectory(prefix="sslab-founding-") as folder:
        copy = Path(folder) / "ssl"
        listed = _git(ROOT, "ls-files", "-z", "--cached", "--others", "--exclude-standard")
        for name in filter(None, listed.split("\0")):
            if not is_owned(name) and (ROOT / name).is_file():
                target = copy / name
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(ROOT / name, target)
        for path in (copy / FOUNDING).glob("*.yaml"):
            path.rename(copy / "sites" / path.name)
        shutil.rmtree(copy / FOUNDING, ignore_errors=True)
        (copy / "CODEOWNERS").write_text(codeowners(copy), encoding="utf-8")
        _git(copy, "init", "--quiet", "--initial-branch=main")
        _git(copy, "add", "--all")
        identity = ("-c", "user.name=tests", "-c", "user.email=tests@example.org")
        _git(copy, *identity, "commit", "--quiet", "--no-verify", "-m", "Copy of a fork")
        (copy / ".venv").mkdir()  # a folder of its own, with the same content
        for path in Path(sys.prefix).iterdir():
            (copy / ".venv" / path.name).symlink_to(path)
        yield copy


def _git(folder: Path, *words: str) -> str:
    done = subprocess.run(
        ("git", *words), cwd=folder, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode != 0:
        sys.exit(f"git {' '.join(words)}: {done.stderr.strip()}")
    return done.stdout
