"""What docs/fork.md says up to the deployment, and after an upstream change, holds."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from sslab.fork.ownership import FOUNDING
from tests.unit.fork.conftest import ROOT, git
from tests.unit.fork.page import Reader, sections

SITES = {"local", "local-full", "mycampus"}


def test_the_page_has_every_step() -> None:
    assert list(sections()) == [
        "Make it yours",
        "Describe your cluster, and publish",
        "Bring it up",
        "Stay up to date",
    ]
    everything = [command for commands in sections().values() for command in commands]
    assert [command for command in everything if "fork init" in command]
    assert ".venv/bin/sslab up mycampus" in everything


@pytest.mark.volume
def test_a_newcomer_follows_the_page(tmp_path: Path) -> None:
    reader = Reader(tmp_path)
    reader.publish()
    steps = sections()
    for command in steps["Make it yours"]:
        reader.follow(command)
    assert {path.stem for path in reader.clone.glob("sites/*")} == SITES
    reader.describe(18372)
    shown = {command: reader.follow(command) for command in steps[list(steps)[1]]}
    assert "3 site files are valid" in shown[".venv/bin/sslab validate"]
    assert "mycampus" in shown[".venv/bin/sslab plan mycampus"]

    _change_the_upstream(reader)
    before = (reader.clone / "sites/mycampus.yaml").read_bytes()
    shown = {command: reader.follow(command) for command in steps["Stay up to date"]}
    assert "new     sites/elsewhere.yaml" in shown[".venv/bin/sslab fork update"]
    plan = shown[".venv/bin/sslab plan --against HEAD~1"]
    assert "mycampus" in plan
    assert "elsewhere" not in plan
    assert "from-upstream" in plan
    assert (reader.clone / "sites/mycampus.yaml").read_bytes() == before
    assert {path.stem for path in reader.clone.glob("sites/*")} == SITES
    assert not (reader.clone / FOUNDING / "uci.yaml").exists()
    assert git(tmp_path / "campus.git", "rev-parse", "main") == git(
        reader.clone, "rev-parse", "HEAD"
    )
    _own_tests_pass(reader)


def _change_the_upstream(reader: Reader) -> None:
    """Change a component, a site and a page upstream; add a site, and delete one."""
    work = reader.folder / "work"
    git(reader.folder, "clone", "--quiet", str(reader.upstream), str(work))
    nyu = (work / "sites/nyu.yaml").read_text()
    (work / "sites/elsewhere.yaml").write_text(nyu.replace("nyu", "elsewhere"))
    (work / "sites/nyu.yaml").write_text(nyu.replace("pods: 100", "pods: 90"))
    (work / "sites/uci.yaml").unlink()
    component = work / "components/workloads.py"
    component.write_text(
        f"{component.read_text()}\n_plain_labels = labels\n\n\ndef labels(name: str) -> dict[str, "
        'str]:\n    """Label."""\n    return {**_plain_labels(name), "example.org/canary": '
        '"from-upstream"}\n'
    )
    page = work / "docs/plan.md"
    page.write_text(page.read_text() + "\nMore.\n")
    git(work, "add", "--all")
    git(work, "commit", "--quiet", "-m", "Change this and that")
    git(work, "push", "--quiet", "origin", "main")


def _own_tests_pass(reader: Reader) -> None:
    """Run the fork's tests of its own sites, and one test of the code beside the founding sites."""
    module = "tests/unit/fork/test_own_sites.py"
    code = "tests/unit/cli/test_sites.py::test_a_site_is_added_and_the_next_steps_are_told"
    done = subprocess.run(
        [".venv/bin/python", "-m", "tests", "-q", "-m", "not volume", module, code],
        cwd=reader.clone, capture_output=True, text=True, check=False, timeout=600,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-2000:]
    own, _, of_the_code = done.stdout.partition("The tests of the code, in a copy")
    assert "4 passed" in own
    assert "5 passed" in of_the_code
    assert (ROOT / module).is_file()
