"""fork.yaml: what is wrong in it is told like what is wrong in a site file."""

from __future__ import annotations

from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from sslab.cli.site import validate
from sslab.fork.codeowners import as_text as codeowners_text
from sslab.fork.description import Fork, Upstream, as_text, load_fork, read_fork
from sslab.site.diagnostics import DiagnosedError
from sslab.site.loading import load_site
from sslab.site.model import Site

BASE = "0123456789abcdef0123456789abcdef01234567"
RIGHT = f"""\
name: mycampus
domain: ssl.mycampus.edu
owner: "@mycampus/ssl"
upstream:
  url: https://github.com/example/ssl
  base: {BASE}
"""
WRONG = {
    "name": ("name: mycampus", "name: My_Campus", '1:7: name: "My_Campus" is not a DNS label'),
    "owner": ('"@mycampus/ssl"', "mycampus/ssl", 'did you mean "@mycampus/ssl"?'),
    "field": ("owner:", "owners:", "3:1: owners: is not a field of fork.yaml; did you mean"),
    "base": (BASE, "main", "6:9: upstream.base: "),
    "missing": (f"  base: {BASE}\n", "", "upstream.base: "),
    "credentials": (
        "//github",
        "//me:hunter2@github",
        "5:16: upstream.url: this looks like a password",
    ),
    "yaml": ("domain:", "domain", ":2:"),
}


def written(folder: Path, text: str) -> Path:
    (folder / "fork.yaml").write_text(text, encoding="utf-8")
    return folder


def test_there_is_none_in_a_repository_that_is_no_fork(tmp_path: Path) -> None:
    assert read_fork(tmp_path) == (None, ())
    assert load_fork(tmp_path) is None


def test_what_is_written_is_read(tmp_path: Path) -> None:
    for owner in ("@mycampus/ssl", "@somebody", None):
        fork = Fork(
            name="mycampus", domain="ssl.mycampus.edu", owner=owner,
            upstream=Upstream(url="git@github.com:example/ssl.git", base=BASE),
        )  # fmt: skip
        assert load_fork(written(tmp_path, as_text(fork))) == fork


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_is_told_with_its_place(name: str, tmp_path: Path) -> None:
    old, new, expected = WRONG[name]
    assert old in RIGHT
    with pytest.raises(DiagnosedError) as caught:
        load_fork(written(tmp_path, RIGHT.replace(old, new)))
    assert str(caught.value).startswith("fork.yaml:")
    assert expected in str(caught.value)
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize(
    ("address", "is_right"),
    [
        ("https://github.com/example/ssl", True),
        ("https://git.example.edu:8443/ssl.git", True),
        ("ssh://git@git.example.edu:2222/ssl.git", True),
        ("git@github.com:example/ssl.git", True),
        ("/srv/git/ssl.git", True),
        ("file:///srv/git/ssl.git", True),
        ("http://github.com/example/ssl", False),
        ("https://token@github.com/example/ssl", False),
        ("ssh://git:word@git.example.edu/ssl.git", False),
        ("--upload-pack=x", False),
        ("ext::sh -c x", False),
        ("", False),
    ],
)
def test_an_address_holds_no_credentials(address: str, is_right: bool, tmp_path: Path) -> None:
    text = RIGHT.replace("https://github.com/example/ssl", f'"{address}"')
    fork, problems = read_fork(written(tmp_path, text))
    assert (fork is not None, problems == ()) == (is_right, is_right)


def test_validate_tells_it_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "Pulumi.yaml").write_text("name: ssl\n")
    monkeypatch.chdir(written(tmp_path, RIGHT.replace("mycampus.edu", "mycampus_edu")))
    app = typer.Typer()
    app.command()(validate)
    shown = CliRunner().invoke(app, [])
    assert shown.exit_code == 1
    assert shown.output.startswith("fork.yaml:2:9: domain: ")


def test_a_sites_own_teams_are_asked_for_its_files(tmp_path: Path) -> None:
    path = tmp_path / "campus.yaml"
    path.write_text(
        "name: campus\ntitle: Campus\nstatus: planned\nowners: ['@a/b', '@c']\n"
        "cluster: {kind: existing}\n"
    )
    other = Site(name="another", title="x", status="planned", cluster={"kind": "existing"})
    lines = codeowners_text("@all/ours", [load_site(path), other]).splitlines()
    assert [line for line in lines if line[0] != "#"] == [
        "* @all/ours",
        "/sites/campus.yaml @a/b @c",
        "/stacks/Pulumi.campus.yaml @a/b @c",
    ]
