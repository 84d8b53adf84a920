"""A small repository with this one's workflows, at a stand-in for GitHub."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.unit.plan.conftest import POLICIES, PROGRAM, SITE
from tests.workflows.api import served
from tests.workflows.hub import Hub
from tests.workflows.origin import Origin

ROOT = Path(__file__).parents[3]
OBJECTS = PROGRAM.replace(
    "    opts = ",
    '    inputs = {"apiVersion": "v1", "kind": token.rpartition(":")[2], **inputs}\n    opts = ',
)
"""The program whose objects can be rendered too."""


def site(name: str, more: str = "") -> str:
    """Return the file of a site."""
    return SITE.format(name=name, more=more)


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Hub]:
    """The hub of a repository with the site `a`, whose program needs no cluster to be planned."""
    clone = tmp_path / "clone"
    shutil.copytree(ROOT / ".github/workflows", clone / ".github/workflows")
    for name in ("Makefile", "pyproject.toml", "requirements.lock"):
        shutil.copy2(ROOT / name, clone / name)
    for name, text in {
        "__main__.py": OBJECTS,
        "Pulumi.yaml": "name: ssl\n",
        "size": "5Gi",
        "policies/__init__.py": "",
        "policies/offline.py": POLICIES,
        "components/__init__.py": "",
        "sites/a.yaml": site("a"),
    }.items():
        path = clone / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    made = Hub(Origin.of(clone, tmp_path / "origin.git"), tmp_path / "hub")
    made.machine = {"XDG_STATE_HOME": str(tmp_path / "state")}
    with served(made.api):
        yield made
