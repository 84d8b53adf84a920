from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from sslab.drift import checking
from sslab.drift.checking import chosen_sites, site_drift
from sslab.drift.model import ObjectDrift, SiteDrift
from sslab.errors import SslabError
from sslab.progress import Progress
from tests.unit.drift.events import DEPLOYMENT

pytestmark = pytest.mark.volume

ROOT = Path(__file__).parents[3]
SSLAB = Path(sys.executable).with_name("sslab")
DRIFT = ObjectDrift(DEPLOYMENT, "web/traefik", "gone")


def test_without_names_all_are_looked_at_on_which_something_is_deployed() -> None:
    chosen = chosen_sites(ROOT, ())
    assert {"local", "chicago", "illinois"} <= set(chosen)
    assert not {"cern", "moc"} & set(chosen)
    assert chosen_sites(ROOT, ("nyu", "local", "nyu")) == ["nyu", "local"]


def test_a_name_without_a_file_is_refused() -> None:
    with pytest.raises(SslabError, match=r"nowhere\.yaml: there is no such file; there are: bnl"):
        chosen_sites(ROOT, ("local", "nowhere"))


def test_a_site_whose_file_is_wrong_is_looked_at_and_unknown(tmp_path: Path) -> None:
    for folder in ("sites", "patterns"):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    (tmp_path / "sites/local.yaml").write_text("name: local\ntitle: [\n")
    assert "local" in chosen_sites(tmp_path, ())
    found = site_drift(tmp_path, "local", Progress())
    assert found.status == "unknown"
    assert "sites/local.yaml" in found.why


class Found:
    """In place of a laboratory: what its site gives."""

    answers: dict[str, tuple[ObjectDrift, ...] | SslabError]

    def __init__(self, repository: Path, name: str, progress: Progress) -> None:
        self.answer = self.answers[name]

    def drift(self) -> tuple[ObjectDrift, ...]:
        if isinstance(self.answer, SslabError):
            raise self.answer
        return self.answer


def test_a_site_is_clean_drifted_or_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    unreachable = SslabError("no answer", remedy="look at it")
    Found.answers = {"a": (), "b": (DRIFT,), "c": unreachable}
    monkeypatch.setattr(checking, "Laboratory", Found)
    assert [site_drift(ROOT, name, Progress()) for name in "abc"] == [
        SiteDrift("a", "clean"),
        SiteDrift("b", "drifted", (DRIFT,)),
        SiteDrift("c", "unknown", why="no answer; look at it"),
    ]


def sslab(state: Path, *words: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "XDG_STATE_HOME": str(state), "KUBECONFIG": str(state / "none")}
    return subprocess.run(
        [SSLAB, "drift", *words], cwd=ROOT, env=environment, capture_output=True, text=True,
        check=False,
    )  # fmt: skip


def test_a_cluster_that_does_not_run_and_one_that_is_not_known_are_unknown(tmp_path: Path) -> None:
    shown = sslab(tmp_path, "local", "nyu")
    assert shown.returncode == 3, shown.stderr
    local, nyu = shown.stdout.splitlines()
    assert local == (
        "local  unknown  the cluster local does not run; `sslab up local` brings it up"
    )
    assert f"cluster.context: there is no kubeconfig {tmp_path}/none; put the site's there" in nyu
    assert not (tmp_path / "sslab/stacks").exists()
    assert not (ROOT / "stacks/Pulumi.nyu.yaml").exists()


@pytest.mark.parametrize(
    ("words", "code"),
    [(("nowhere",), 1), (("local", "--all"), 2), (("local", "--format", "xml"), 2)],
)
def test_a_wrong_call_is_told(tmp_path: Path, words: tuple[str, ...], code: int) -> None:
    shown = sslab(tmp_path, *words)
    assert shown.returncode == code
    assert shown.stdout == ""
    assert "Traceback" not in shown.stderr


def test_a_planned_site_that_is_named_is_unknown(tmp_path: Path) -> None:
    shown = sslab(tmp_path, "cern")
    assert shown.returncode == 3
    assert "cern is planned: nothing is deployed there" in shown.stdout
