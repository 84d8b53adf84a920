"""Planning a repository's sites, alone and against a revision."""

from __future__ import annotations

import contextlib
import io
import json
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from fractions import Fraction
from pathlib import Path

import pytest
import typer
from rich.console import Console
from typer.testing import CliRunner, Result

from sslab.cli.plan import plan as command
from sslab.engine.recorder import Recording, recordings
from sslab.plan import planning
from sslab.plan.as_json import as_json
from sslab.plan.errors import PlanError
from sslab.plan.markdown import as_markdown
from sslab.plan.model import SitePlan, Total
from sslab.plan.planning import plan_sites
from sslab.plan.revision import extracted
from sslab.plan.text import show
from sslab.progress import Progress
from tests.unit.plan.conftest import Repository

pytestmark = pytest.mark.volume

app = typer.Typer()
app.command()(command)


def planned(
    repository: Repository, *chosen: str, against: str | None = "base"
) -> dict[str, SitePlan]:
    plan = plan_sites(repository.root, chosen, against, Progress())
    return {site.site: site for site in plan.sites}


def run(repository: Repository, monkeypatch: pytest.MonkeyPatch, *words: str) -> Result:
    monkeypatch.chdir(repository.root)
    return CliRunner().invoke(app, list(words))


def kinds(site: SitePlan) -> dict[str, str]:
    return {change.resource.name: change.kind for change in site.changes}


def test_without_a_revision_everything_is_new(repository: Repository) -> None:
    site = planned(repository, against=None)["a"]
    assert (site.status, site.notes) == ("new", ())
    assert kinds(site) == {"cluster": "add", "data": "add", "keys": "add"}
    assert [finding.policy for finding in site.findings or ()] == ["no-claim"]
    assert not site.refused
    (storage,) = [total for total in site.totals if total.name == "storage"]
    assert storage == Total("storage", Fraction(5 * 1024**3), None, Fraction(20 * 1024**3))


def test_against_a_revision_each_site_says_what_happens_to_it(repository: Repository) -> None:
    repository.site("gone")
    repository.site("later", "status: planned")
    repository.commit("both")
    repository.write("size", "9Gi")
    repository.remove("sites/gone.yaml")
    repository.site("fresh")
    repository.site("later")
    found = planned(repository, against="both")
    assert {name: site.status for name, site in found.items()} == {
        "a": "changed",
        "fresh": "new",
        "gone": "removed",
        "later": "new",
    }
    assert kinds(found["a"]) == {"data": "change"}
    assert "not in the other revision" in found["fresh"].notes[0]
    assert "planned only" in found["later"].notes[0]
    assert set(kinds(found["gone"]).values()) == {"delete"}
    assert found["gone"].alarming
    assert found["gone"].powers.given_up


def test_what_is_the_same_is_unchanged(repository: Repository) -> None:
    site = planned(repository)["a"]
    assert (site.status, site.changes, site.quiet) == ("unchanged", (), True)


@pytest.fixture
def programs(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """The sites for which programs are run: those of the working tree first, then the other's."""
    asked: list[list[str]] = []

    def noted(
        tree: Path, sites: Sequence[str], *, judge: bool = False
    ) -> AbstractContextManager[Iterator[Recording]]:
        asked.append(list(sites))
        return recordings(tree, sites, judge=judge)

    monkeypatch.setattr(planning, "recordings", noted)
    return asked


def test_where_site_files_differ_the_same_site_is_not_run_twice(
    repository: Repository, programs: list[list[str]]
) -> None:
    for name in ("b", "c", "gone"):
        repository.site(name)
    repository.commit("four")
    repository.remove("sites/gone.yaml")
    repository.site("b", "location: {latitude: 40.1, longitude: -88.2}")
    found = planned(repository, against="four")
    assert programs == [["a", "b", "c"], ["b", "gone"]]
    assert {name: site.status for name, site in found.items()} == {
        "a": "unchanged",
        "b": "unchanged",  # this program does not read that field
        "c": "unchanged",
        "gone": "removed",
    }
    assert [finding.policy for finding in found["a"].findings or ()] == ["no-claim"]


@pytest.mark.parametrize("new", ["size", "patterns/new.py", "sites/deeper/a.yaml"])
def test_where_another_file_differs_every_site_is_run_twice(
    repository: Repository, programs: list[list[str]], new: str
) -> None:
    repository.site("b")
    repository.commit("both")
    repository.write(new, "7Gi")
    assert planned(repository, against="both")["b"].status == (
        "changed" if new == "size" else "unchanged"
    )
    assert programs == [["a", "b"], ["a", "b"]]


def test_a_site_that_is_planned_only_is_planned_when_it_is_named(repository: Repository) -> None:
    repository.site("later", "status: planned")
    assert planned(repository, against=None)["later"].status == "planned"
    named = planned(repository, "later", against=None)
    assert list(named) == ["later"]
    assert named["later"].status == "new"


def test_a_refused_site_and_a_wrong_file_stop_no_other(repository: Repository) -> None:
    repository.write("sites/b.yaml", "name: b\ntitel: wrong\n")
    found = planned(repository)
    assert found["a"].status == "unchanged"
    assert found["b"].status == "failed"
    assert "sites/b.yaml:2:1" in found["b"].error
    repository.write("broken")
    assert planned(repository)["a"].error == "sites/a.yaml is too small; make it larger"


def test_a_revision_whose_program_fails_is_said_and_not_compared_with(
    repository: Repository,
) -> None:
    repository.write("broken")
    repository.commit("broken")
    repository.remove("broken")
    site = planned(repository, against="broken")["a"]
    assert site.status == "uncompared"
    assert "too small" in site.notes[0]
    assert set(kinds(site).values()) == {"add"}


def test_a_revision_without_any_site_is_one_where_all_are_new(repository: Repository) -> None:
    repository.git("checkout", "--quiet", "--orphan", "empty")
    repository.git("commit", "--quiet", "--message", "empty", "--only", "--allow-empty")
    assert planned(repository, against="empty")["a"].status == "new"


def test_a_revision_or_site_that_is_not_there_is_one_message(repository: Repository) -> None:
    with pytest.raises(PlanError, match="there is no revision 'nowhere'"):
        planned(repository, against="nowhere")
    with pytest.raises(PlanError, match="there is no revision '--help'"):
        planned(repository, against="--help")
    with pytest.raises(PlanError, match=r"there is no sites/x\.yaml; there are: a"):
        planned(repository, "x")


def test_the_files_of_a_revision_are_gone_afterwards(repository: Repository) -> None:
    repository.write("size", "7Gi")
    status = repository.git("status", "--porcelain")
    with contextlib.suppress(KeyboardInterrupt), extracted(repository.root, "base") as tree:
        assert (tree / "size").read_text() == "5Gi"
        raise KeyboardInterrupt
    assert not tree.exists()
    assert not list(Path(tempfile.gettempdir()).glob(f"{tree.parent.name}*"))
    assert repository.git("status", "--porcelain") == status


@pytest.mark.parametrize("output", ["text", "markdown", "json"])
def test_the_command_prints_the_document_alone(
    repository: Repository, monkeypatch: pytest.MonkeyPatch, output: str
) -> None:
    result = run(repository, monkeypatch, "--against", "base", "--format", output)
    assert result.exit_code == 0
    assert "running the program" not in result.stdout
    if output == "json":
        assert json.loads(result.stdout)["sites"]["a"]["status"] == "unchanged"
    else:
        assert "1 no change" in result.stdout.splitlines()[0]


def test_exit_codes(repository: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    def code(*words: str) -> int:
        return run(repository, monkeypatch, *words).exit_code

    assert code("a", "--all") == 2
    assert code("--format", "xml") == 2
    repository.write("strict")
    refused = run(repository, monkeypatch, "a")
    assert refused.exit_code == 1
    assert "REFUSED BY no-claim: PersistentVolumeClaim a/data" in refused.stdout
    repository.remove("strict")
    repository.write("sites/a.yaml", "name: a\n")
    assert code() == 1


def test_no_policy_is_said(repository: Repository) -> None:
    repository.remove("policies/offline.py")
    plan = plan_sites(repository.root, (), None, Progress())
    assert "no policy has judged" in plan.notes[0]
    assert plan.sites[0].findings is None


def test_no_placeholder_is_shown(repository: Repository) -> None:
    plan = plan_sites(repository.root, (), None, Progress())
    terminal = io.StringIO()
    show(plan, Console(file=terminal, width=200))
    for shown in (terminal.getvalue(), as_markdown(plan), as_json(plan)):
        assert "a/keys: key" in shown
        assert "placeholder" not in shown
