"""The wrong site files, and what is expected of each.

`python -m tests.unit.site.wrong_files` writes the expectations anew, after a change of the
messages; read the difference before it is kept.
"""

from __future__ import annotations

from pathlib import Path

from sslab.site.diagnostics import as_text
from sslab.site.loading import validate

ROOT = Path(__file__).parents[3] / "tests" / "fixtures" / "sites"
REPOSITORY = ROOT.parents[2]
WRONG = sorted(ROOT.glob("wrong/*.yaml"))
BETWEEN = sorted(path for path in ROOT.glob("between/*") if path.is_dir())


def told_about(case: Path) -> str:
    """Return the diagnostics of one wrong file, or of the files of a folder, one a line."""
    paths = sorted(case.rglob("*.yaml")) if case.is_dir() else [case]
    _, diagnostics = validate(paths, ROOT)
    return as_text(diagnostics) + "\n"


def expected_of(case: Path) -> Path:
    """Return the file that holds what `told_about` should return."""
    return case.parent / f"{case.stem}.expected"


if __name__ == "__main__":
    for each in (*WRONG, *BETWEEN):
        expected_of(each).write_text(told_about(each), encoding="utf-8")
