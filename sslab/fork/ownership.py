"""What belongs to a fork, what it keeps of the upstream's, and what is generated.

This is the one list: `sslab fork init` and `sslab fork update` go by it.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path, PurePosixPath

from sslab.fork.description import FILE

OWNED_FOLDERS = ("sites", "stacks")
OWNED_FILES = ("CODEOWNERS", FILE)
SHARED = ("sites/local.yaml", "sites/local-full.yaml")
"""What is in an owned folder and merged like code all the same: every fork has this machine."""

FOUNDING = "tests/fixtures/founding"
"""Where a fork has the upstream's site files: what the upstream's tests are about."""

GENERATED: Mapping[str, tuple[str, ...]] = {
    "docs/pattern-file.md": ("-m", "sslab.catalogue.reference"),
    "docs/site-file.md": ("-m", "sslab.site.reference"),
    "docs/site-file-sample.yaml": ("-m", "sslab.site.sample"),
    "schema/site.json": ("-c", "from sslab.cli.app import main; main()", "schema"),
    "schema/result.json": ("-c", "from sslab.cli.app import main; main()", "schema", "result"),
}
"""Each file that is made as a whole from `CODE`, with what Python is told to make it."""
CODE = ("patterns", "sslab")

CODEOWNERS = ("-m", "sslab.fork.codeowners")
"""What Python is told to make CODEOWNERS, from what is the fork's alone."""


def founding_sites(repository: Path) -> Path:
    """Return the folder with the founding sites' files: in a fork, not where its own are."""
    kept = repository / FOUNDING
    return kept if kept.is_dir() else repository / "sites"


def is_owned(path: str) -> bool:
    """Tell whether a path of the repository belongs to the fork."""
    if path in SHARED:
        return False
    return path in OWNED_FILES or PurePosixPath(path).parts[0] in OWNED_FOLDERS


def is_founding(path: str) -> bool:
    """Tell whether a path is a copy of one of the upstream's site files."""
    return PurePosixPath(path).is_relative_to(FOUNDING)
