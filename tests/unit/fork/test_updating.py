"""`sslab fork update`: what is the fork's stays, the rest is merged."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from sslab.cli.fork import app
from sslab.errors import SslabError
from sslab.fork import updating
from sslab.fork.codeowners import codeowners
from sslab.fork.description import load_fork
from sslab.fork.ownership import FOUNDING, GENERATED, SHARED, is_owned
from sslab.site.loading import validate
from tests.unit.fork.conftest import ROOT, git

pytestmark = pytest.mark.volume

Push = Callable[..., str]

CHICAGO, NYU, UCI = (
    (ROOT / f"sites/{each}.yaml").read_text() for each in ("chicago", "nyu", "uci")
)
NEW = NYU.replace("nyu", "newcomer")
NEWS: dict[str, str | None] = {
    "sites/chicago.yaml": CHICAGO.replace("pods: 200", "pods: 250"),
    "sites/newcomer.yaml": NEW,
    "sites/uci.yaml": None,
    "stacks/Pulumi.nyu.yaml": "encryptionsalt: v1:another\n",
    "stacks/Pulumi.chicago.yaml": "encryptionsalt: v1:of-chicago\n",
    "CODEOWNERS": "* @upstream/others\n",
    "docs/plan.md": "# Another page\n",
    "patterns/README.md": "A new page.\n",
}


def owned(fork: Path) -> dict[str, bytes]:
    names = git(fork, "ls-files").splitlines()
    return {name: (fork / name).read_bytes() for name in names if is_owned(name)}


def update() -> Result:
    return CliRunner().invoke(app, ["update", "--yes"])


def settled(fork: Path, before: dict[str, bytes], base: str) -> None:
    """Assert that a fork is whole, up to date, and has what it had."""
    after = owned(fork)
    description = load_fork(fork)
    assert description is not None
    assert description.upstream.base == base
    old, new = before.pop("fork.yaml"), after.pop("fork.yaml")
    assert [a for a, b in zip(old.splitlines(), new.splitlines(), strict=True) if a != b] == [
        line for line in old.splitlines() if b"base: " in line
    ]
    assert after == before
    assert git(fork, "status", "--porcelain") == ""
    assert validate(sorted(fork.glob("sites/*.yaml")), fork)[1] == ()
    assert (fork / "CODEOWNERS").read_text() == codeowners(fork)
    theirs = git(fork, "ls-tree", "-r", "--name-only", base, "sites/").splitlines()
    kept = {path.name: path.read_text() for path in (fork / FOUNDING).iterdir()}
    assert kept == {
        Path(name).name: git(fork, "show", f"{base}:{name}")
        for name in theirs
        if name not in SHARED
    }


def own_work(fork: Path) -> None:
    """Edit what is the fork's, and a page that the upstream leaves alone."""
    site = fork / "sites/mycampus.yaml"
    site.write_text(site.read_text().replace("pods: 50", "pods: 60"))
    (fork / "stacks").mkdir(exist_ok=True)
    (fork / "stacks/Pulumi.mycampus.yaml").write_text("encryptionsalt: v1:of-mycampus\n")
    page = fork / "docs/checks.md"
    page.write_text(page.read_text() + "\nOur own words.\n")
    git(fork, "add", "--all")
    git(fork, "commit", "--quiet", "-m", "Our own work")


def test_a_fork_lives_through_an_upstream_change(fork: Path, push: Push) -> None:
    own_work(fork)
    before, head = owned(fork), git(fork, "rev-parse", "HEAD").strip()
    newest = push(NEWS, "Change a site, add one, delete one, change a page")
    done = update()
    assert done.exit_code == 0, done.output
    assert "new     patterns/README.md" in done.output
    assert "changed docs/plan.md" in done.output
    left_out = done.output.partition("does not come in")[2]
    for line in ("new     sites/newcomer.yaml", "gone    sites/uci.yaml", "changed CODEOWNERS"):
        assert line in left_out
    settled(fork, before, newest)
    assert (fork / "docs/plan.md").read_text() == "# Another page\n"
    assert (fork / "patterns/README.md").is_file()
    assert (fork / "docs/checks.md").read_text().endswith("\nOur own words.\n")
    assert git(fork, "rev-parse", "HEAD^1", "HEAD^2").split() == [head, newest]


def test_the_next_update_goes_on_from_there(fork: Path, push: Push) -> None:
    push(NEWS)
    assert update().exit_code == 0
    before = owned(fork)
    newest = push(
        {
            "sites/chicago.yaml": None,
            "sites/newcomer.yaml": NEW.replace("pods: 100", "pods: 90"),
            "sites/uci.yaml": UCI,
        }
    )
    done = update()
    assert done.exit_code == 0, done.output
    settled(fork, before, newest)
    done = update()
    assert (done.exit_code, done.output) == (0, f"nothing is new upstream since {newest[:12]}\n")


def test_a_site_of_the_forks_name_upstream_does_not_come_in(fork: Path, push: Push) -> None:
    before = owned(fork)
    newest = push({"sites/mycampus.yaml": NYU.replace("nyu", "mycampus")})
    assert update().exit_code == 0
    settled(fork, before, newest)


def test_the_local_site_is_merged_like_code(fork: Path, push: Push) -> None:
    text = (ROOT / "sites/local.yaml").read_text()
    push({"sites/local.yaml": text.replace("pods: 50", "pods: 55")})
    assert update().exit_code == 0
    assert "pods: 55" in (fork / "sites/local.yaml").read_text()


@pytest.mark.parametrize("has_own_code", [False, True])
def test_generated_files_are_settled(has_own_code: bool, fork: Path, push: Push) -> None:
    push(dict.fromkeys(GENERATED, "Theirs.\n"))
    for name in GENERATED:
        (fork / name).write_text("Ours.\n")
    if has_own_code:
        (fork / "patterns/OURS.md").write_text("A page of ours.\n")
    git(fork, "add", "--all")
    git(fork, "commit", "--quiet", "-m", "Our own")
    done = update()
    assert done.exit_code == 0, done.output
    for name in GENERATED:
        expected = (ROOT / name).read_text() if has_own_code else "Theirs.\n"
        assert (fork / name).read_text() == expected, name


def test_any_other_conflict_is_left_to_git_with_its_files(fork: Path, push: Push) -> None:
    before, head = owned(fork), git(fork, "rev-parse", "HEAD")
    (fork / "docs/plan.md").write_text("# Our page\n")
    git(fork, "commit", "--quiet", "--all", "-m", "Our page")
    newest = push(NEWS)
    done = update()
    assert done.exit_code == 1
    assert isinstance(done.exception, SslabError)
    assert "both sides changed docs/plan.md; what the fork owns is settled" in str(done.exception)
    assert git(fork, "diff", "--name-only", "--diff-filter=U").split() == ["docs/plan.md"]
    again = update()
    assert "a merge is under way" in str(again.exception)

    git(fork, "merge", "--abort")
    assert git(fork, "status", "--porcelain") == ""
    assert git(fork, "rev-parse", "HEAD~1") == head

    update()
    (fork / "docs/plan.md").write_text("# Our page, and theirs\n")
    git(fork, "add", "docs/plan.md")
    git(fork, "commit", "--quiet", "--no-edit")
    settled(fork, before, newest)
    assert "nothing is new" in update().output


def test_an_earlier_plain_merge_is_tidied(fork: Path, push: Push) -> None:
    before = owned(fork)
    push({"sites/newcomer.yaml": NEW, "sites/chicago.yaml": NEWS["sites/chicago.yaml"]})
    git(fork, "fetch", "--quiet", "upstream")
    git(fork, "merge", "--quiet", "--no-edit", "upstream/main")  # no conflict: see docs/fork.md
    assert (fork / "sites/newcomer.yaml").is_file()
    newest = push({"sites/newcomer.yaml": NEW.replace("pods: 100", "pods: 90")})
    done = update()
    assert done.exit_code == 0, done.output
    assert "gone    sites/newcomer.yaml" in done.output
    settled(fork, before, newest)


def test_what_a_plain_merge_cannot_do_is_undone_and_updated(fork: Path, push: Push) -> None:
    before = owned(fork)
    newest = push({"sites/uci.yaml": None, "CODEOWNERS": "* @upstream/others\n"})
    git(fork, "fetch", "--quiet", "upstream")
    said = git(fork, "merge", "--no-edit", "upstream/main", codes=(1,))
    assert "CONFLICT (rename/delete): sites/uci.yaml" in said
    assert "CONFLICT (content): Merge conflict in CODEOWNERS" in said
    git(fork, "merge", "--abort")
    assert update().exit_code == 0
    settled(fork, before, newest)


def test_a_colleagues_clone_has_no_remote_yet(fork: Path, push: Push, tmp_path: Path) -> None:
    other = tmp_path / "colleague"
    git(tmp_path, "clone", "--quiet", str(fork), str(other))
    newest = push(NEWS)
    found = updating.news(other)
    assert found.commit == newest
    assert updating.merge(found).warnings == ()
    assert git(other, "remote", "get-url", "upstream") == git(fork, "remote", "get-url", "upstream")


def test_a_squashed_update_is_told_from_a_merged_one(fork: Path, push: Push) -> None:
    head = git(fork, "rev-parse", "HEAD").strip()
    newest = push(NEWS)
    assert update().exit_code == 0
    git(fork, "reset", "--quiet", "--soft", head)
    git(fork, "commit", "--quiet", "-m", "Update (squashed)")
    done = update()
    assert done.exit_code == 1
    assert "that update was squashed or rebased" in str(done.exception)
    git(fork, *f"merge --quiet -s ours {newest[:12]}".split())
    assert "nothing is new" in update().output


def test_an_upstream_that_was_rewritten_is_refused(
    fork: Path, upstream: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    git(tmp_path, "clone", "--quiet", str(upstream), str(other))
    git(other, "commit", "--quiet", "--amend", "--message", "Begin anew")
    git(other, "push", "--quiet", "--force")
    done = update()
    assert done.exit_code == 1
    assert "does not contain" in str(done.exception)


@pytest.mark.parametrize("where", ["fork", "clone"])
def test_what_is_not_ready_is_refused(where: str, request: pytest.FixtureRequest) -> None:
    folder = request.getfixturevalue(where)
    if where == "fork":
        (folder / "sites/mycampus.yaml").write_text("name: mycampus\n")
    done = update()
    expected = {"fork": "not clean: sites/mycampus.yaml", "clone": "this repository is no fork"}
    assert done.exit_code == 1
    assert expected[where] in str(done.exception)


def test_no_means_that_nothing_is_merged(fork: Path, push: Push) -> None:
    head = git(fork, "rev-parse", "HEAD")
    push(NEWS)
    done = CliRunner().invoke(app, ["update"], input="n\n")
    assert done.exit_code == 1
    assert git(fork, "rev-parse", "HEAD") == head
    assert git(fork, "status", "--porcelain") == ""


def test_a_merge_that_cannot_be_committed_is_undone(fork: Path, push: Push) -> None:
    head = git(fork, "rev-parse", "HEAD")
    push(NEWS)
    git(fork, "config", "commit.gpgsign", "true")
    git(fork, "config", "gpg.program", "false")
    done = update()
    assert done.exit_code == 1
    assert "`git commit --quiet` failed" in str(done.exception)
    assert git(fork, "rev-parse", "HEAD") == head
    assert git(fork, "status", "--porcelain") == ""
    assert not (fork / ".git/MERGE_HEAD").exists()


def test_a_file_in_the_way_of_the_merge_is_not_lost(fork: Path, push: Push) -> None:
    (fork / ".git/info/exclude").write_text("mine.txt\n")
    (fork / "mine.txt").write_text("of the fork's machine\n")
    head = git(fork, "rev-parse", "HEAD")
    push({"mine.txt": "theirs\n"})
    update()
    assert (fork / "mine.txt").read_text() in ("of the fork's machine\n", "theirs\n")
    assert git(fork, "status", "--porcelain") == ""
    assert head


def test_sites_that_the_new_code_refuses_are_told_after_the_merge(fork: Path, push: Push) -> None:
    contract = next(path for path in fork.glob("patterns/z_peak/pattern.yaml"))
    push({"patterns/z_peak/pattern.yaml": None, "docs/plan.md": "# Another page\n"})
    assert contract.is_file()
    done = update()
    assert done.exit_code == 1
    assert "sites/mycampus.yaml:" in done.output
    assert "the merge is committed" in str(done.exception)


def test_the_lists_name_what_there_is() -> None:
    assert is_owned("sites/a.yaml")
    assert is_owned("stacks/Pulumi.a.yaml")
    assert is_owned("fork.yaml")
    assert not is_owned("sites/local.yaml")
    assert not is_owned("sitesmap.md")
    assert not is_owned("docs/sites/a.yaml")
    assert [name for name in GENERATED if not (ROOT / name).is_file()] == []
