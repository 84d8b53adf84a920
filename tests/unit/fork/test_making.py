"""`sslab fork init`: one commit that is right, or nothing changed."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from sslab.cli.fork import app
from sslab.errors import SslabError
from sslab.fork.codeowners import codeowners
from sslab.fork.description import load_fork
from sslab.fork.making import adopt, drafted
from sslab.fork.ownership import FOUNDING, SHARED, is_owned
from sslab.site.adding import Wishes, add_kind, add_like
from sslab.site.loading import load_site, validate
from tests.unit.fork.conftest import ROOT, git, wishes

pytestmark = pytest.mark.volume

FOUNDERS = sorted(
    path.stem for path in (ROOT / "sites").glob("*.yaml") if f"sites/{path.name}" not in SHARED
)
OURS = re.compile(
    # "gke" is a kind of cluster too, and CVMFS' repositories are CERN's everywhere
    rf"ssl-hep|of-nyu|sites/cern|\b({'|'.join(sorted({*FOUNDERS} - {'gke', 'cern'}))})\b",
    re.IGNORECASE,
)
CODE = ("docs/", "patterns/", "policies/", "schema/", "tests/")


def state(clone: Path) -> tuple[str, ...]:
    """Return all of a clone that a refusal must not change."""
    words = (
        ("rev-parse", "HEAD"), ("status", "--porcelain"), ("worktree", "list"), ("branch", "-a"),
        ("remote", "-v"), ("stash", "list"),
    )  # fmt: skip
    return tuple(git(clone, *each) for each in words)


def test_a_clone_becomes_a_fork_by_one_commit(fork: Path, upstream: Path) -> None:
    assert git(fork, "status", "--porcelain") == ""
    assert git(fork, "log", "--format=%s").splitlines() == [
        "Make this the laboratory of mycampus", "Begin",
    ]  # fmt: skip
    assert git(fork, "worktree", "list").count("\n") == 1
    assert git(fork, "remote", "get-url", "upstream").strip() == str(upstream)
    description = load_fork(fork)
    assert description is not None
    assert (description.name, description.domain) == ("mycampus", "ssl.mycampus.edu")
    assert description.upstream.url == str(upstream)
    assert description.upstream.base == git(fork, "rev-parse", "HEAD~1").strip()


def test_its_sites_are_its_own(fork: Path) -> None:
    assert sorted(path.stem for path in fork.glob("sites/*")) == ["local", "local-full", "mycampus"]
    assert not list(fork.glob("stacks/*"))
    sites, diagnostics = validate(sorted(fork.glob("sites/*.yaml")), fork)
    assert (len(sites), diagnostics) == (3, ())
    site = load_site(fork / "sites/mycampus.yaml", fork)
    assert site.url("fitting-service") == "http://fitting-service.ssl.mycampus.edu:30080"
    assert "* @mycampus/ssl\n" in (fork / "CODEOWNERS").read_text()
    assert (fork / "CODEOWNERS").read_text() == codeowners(fork)


def test_the_upstreams_site_files_are_kept_for_the_tests_alone(fork: Path) -> None:
    assert sorted(path.stem for path in (fork / FOUNDING).glob("*")) == FOUNDERS
    for name in FOUNDERS:
        kept = (fork / FOUNDING / f"{name}.yaml").read_bytes()
        assert kept == (ROOT / "sites" / f"{name}.yaml").read_bytes()


def test_nothing_but_what_a_fork_owns_is_changed(fork: Path) -> None:
    changed = git(fork, "diff", "--no-renames", "--name-only", "HEAD~1").splitlines()
    assert {path for path in changed if not is_owned(path)} == {
        f"{FOUNDING}/{name}.yaml" for name in FOUNDERS
    }


@pytest.mark.parametrize(
    "like", [None, *(pytest.param(each, marks=pytest.mark.volume) for each in FOUNDERS), "nyu"]
)
def test_nothing_of_the_founders_is_left_but_the_code(
    like: str | None, clone: Path, upstream: Path
) -> None:
    with drafted(clone, wishes(upstream, like=like)) as draft:
        adopt(draft)
    left = {
        f"{name}: {line}"
        for name in git(clone, "ls-files").splitlines()
        if not name.startswith(CODE)
        for line in (clone / name).read_text().splitlines()
        if OURS.search(line)
    }
    assert left == set()


def test_a_founding_site_can_fork_too(clone: Path, upstream: Path) -> None:
    asked = wishes(upstream, name="nyu", domain="ssl.nyu.edu", like="nyu", title="NYU")
    with drafted(clone, asked) as draft:
        adopt(draft)
    own = load_site(clone / "sites/nyu.yaml", clone)
    assert (own.title, own.host("x")) == ("NYU", "x.ssl.nyu.edu")
    assert (clone / FOUNDING / "nyu.yaml").read_bytes() == (ROOT / "sites/nyu.yaml").read_bytes()


def test_later_sites_of_a_fork_are_below_its_domain(fork: Path) -> None:
    added = add_kind(fork, "second", "existing", Wishes())
    assert load_site(added, fork).host("x") == "x.second.ssl.mycampus.edu"
    added = add_like(fork, "third", "second", Wishes())
    assert load_site(added, fork).host("x") == "x.third.ssl.mycampus.edu"


REFUSED: dict[str, tuple[dict[str, str | None], str]] = {
    "name": ({"name": "My Campus"}, 'a fork\'s name; did you mean "my-campus"'),
    "name-taken": ({"name": "local"}, "sites/local.yaml is there already"),
    "name-odd": ({"name": "../x"}, "cannot be a fork's name"),
    "domain": ({"domain": "ssl_mycampus.edu"}, 'did you mean "ssl-mycampus.edu"'),
    "domain-single": ({"domain": "mycampus"}, "a name without a domain; write"),
    "owner": ({"owner": "mycampus"}, "no GitHub team or account; write --owner @"),
    "like": ({"like": "nyy"}, 'there is no sites/nyy.yaml .*did you mean "nyu"'),
    "title": ({"title": "two\nlines"}, "sites/mycampus.yaml is not written"),
    "credentials": ({"upstream": "https://me:hunter2@example.org/x"}, "without credentials"),
    "option": ({"upstream": "--upload-pack=touch /tmp/x"}, "cannot stand in fork.yaml"),
    "unreachable": ({"upstream": "/nowhere/at/all"}, "`git fetch --quiet` failed"),
    "unknown": ({"upstream": None}, "there is no remote upstream; name it: --upstream"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_is_refused_and_nothing_is_changed(
    name: str, clone: Path, upstream: Path
) -> None:
    asked, message = REFUSED[name]
    before = state(clone)
    with (
        pytest.raises(SslabError, match=message) as caught,
        drafted(clone, wishes(upstream, **asked)) as draft,
    ):
        adopt(draft)
    assert "hunter2" not in str(caught.value)
    assert state(clone) == before


def test_an_unrelated_upstream_is_refused(clone: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    git(other, "init", "--quiet", "--initial-branch=main")
    git(other, "commit", "--quiet", "--allow-empty", "-m", "x")
    before = state(clone)
    with (
        pytest.raises(SslabError, match="has no commit in common"),
        drafted(clone, wishes(other)),
    ):
        pass
    assert state(clone) == before


@pytest.mark.parametrize(
    ("break_it", "message"),
    [
        (lambda clone: (clone / "new.txt").write_text("x"), "not clean: new.txt; commit"),
        (lambda clone: (clone / "README.md").write_text("x"), "not clean: README.md; commit"),
        (lambda clone: git(clone, "checkout", "--quiet", "--detach"), "no branch is checked out"),
    ],
    ids=["untracked", "changed", "detached"],
)
def test_a_clone_that_is_not_ready_is_refused(
    break_it: object, message: str, clone: Path, upstream: Path
) -> None:
    assert callable(break_it)
    break_it(clone)
    before = state(clone)
    with pytest.raises(SslabError, match=message), drafted(clone, wishes(upstream)):
        pass
    assert state(clone) == before


def test_a_shallow_clone_is_refused(upstream: Path, tmp_path: Path) -> None:
    work = tmp_path / "work"
    git(tmp_path, "clone", "--quiet", str(upstream), str(work))
    git(work, "commit", "--quiet", "--allow-empty", "-m", "x")
    git(work, "push", "--quiet")
    shallow = tmp_path / "shallow"
    git(tmp_path, "clone", "--quiet", "--depth=1", f"file://{upstream}", str(shallow))
    with (
        pytest.raises(SslabError, match="git fetch --unshallow"),
        drafted(shallow, wishes(upstream)),
    ):
        pass


def test_a_folder_without_git_is_refused(tmp_path: Path, upstream: Path) -> None:
    with pytest.raises(SslabError, match="not the top"), drafted(tmp_path, wishes(upstream)):
        pass


def test_a_fork_is_not_made_twice(fork: Path, upstream: Path) -> None:
    before = state(fork)
    with (
        pytest.raises(SslabError, match=r"a fork already.*sslab fork update"),
        drafted(fork, wishes(upstream, name="again")),
    ):
        pass
    assert state(fork) == before


def test_somebody_git_does_not_know_cannot_commit(
    clone: Path, upstream: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for who in ("AUTHOR", "COMMITTER"):
        monkeypatch.delenv(f"GIT_{who}_NAME")
        monkeypatch.delenv(f"GIT_{who}_EMAIL")
    monkeypatch.setenv("EMAIL", "")
    git(clone, "config", "user.useConfigOnly", "true")
    with pytest.raises(SslabError, match="who commits here"), drafted(clone, wishes(upstream)):
        pass


def command(*words: str, answer: str = "") -> tuple[int, str, object]:
    shown = CliRunner().invoke(app, words, input=answer)
    return shown.exit_code, shown.output, shown.exception


WORDS = ("init", "--name", "mycampus", "--domain", "ssl.mycampus.edu", "--upstream")


def test_the_command_shows_what_will_change_and_asks(clone: Path, upstream: Path) -> None:
    before = state(clone)
    for answer in ("n\n", ""):
        code, output, error = command(*WORDS, str(upstream), answer=answer)
        assert code == 1
        assert "new     sites/mycampus.yaml" in output
        assert "moved   sites/nyu.yaml -> tests/fixtures/founding/nyu.yaml" in output
        assert "gone    stacks/Pulumi.nyu.yaml" in output
        assert "nothing was changed" in str(error)
        assert state(clone) == before
    code, output, _ = command(*WORDS, str(upstream), answer="y\n")
    assert code == 0
    assert "git push origin HEAD" in output
    assert load_fork(clone) is not None
    assert "owner: null" in (clone / "fork.yaml").read_text()
    assert "* @" not in (clone / "CODEOWNERS").read_text()


def test_like_and_kind_exclude_each_other(clone: Path, upstream: Path) -> None:
    code, *_ = command(*WORDS, str(upstream), "--like", "nyu", "--kind", "gke")
    assert code == 2
