from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner, Result

from sslab.checks.access import SiteAccess
from sslab.cli.results import results
from sslab.errors import SslabError
from sslab.laboratory import Laboratory
from tests.unit.results.conftest import COMMITS, record
from tests.unit.results.storage import ObjectStorage, running

pytestmark = pytest.mark.volume

command = typer.Typer()
command.command()(results)


def sslab(*words: str) -> Result:
    return CliRunner().invoke(command, words)


@pytest.fixture
def storage(repository: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ObjectStorage]:
    """The object storage of `local`, with three runs; no other site can be reached."""
    with running() as (found, access):

        def objects(laboratory: Laboratory, address: str | None = None) -> SiteAccess:
            if laboratory.site.name != "local":
                raise SslabError(f"nothing is deployed at {laboratory.site.name} by this clone")
            return access

        monkeypatch.setattr(Laboratory, "objects", objects)
        for run, (number, commit) in enumerate([(91.2, 0), (91.21, 0), (91.4, 1)]):
            one = record(number, run, commit=COMMITS[commit])
            found.objects[f"/z-peak/{one.key}"] = one.document()
        yield found


def parsed(shown: Result) -> Any:
    return json.loads(shown.stdout)


def test_runs_are_listed_compared_and_marked(storage: ObjectStorage) -> None:
    shown = sslab()
    assert shown.exit_code == 0
    lines = shown.stdout.splitlines()
    assert lines[0].split() == [
        *("time", "(UTC)", "site", "pattern", "passed", "took", "image", "commit", "worse"),
    ]
    assert [line.split()[0] for line in lines[1:4]] == ["ok", "ok", "FAILED"]
    assert lines[3].split()[-1] == "lost"
    assert [line.split()[4:6] for line in lines[6:8]] == [["bbbbbbbb", "1"], ["aaaaaaaa", "2"]]
    assert (
        "LOST z-peak at local, 2026-11-26 01:04:03, m_Z (GeV): was within its tolerance at "
        "aaaaaaaa and is not now" in shown.stdout
    )
    assert "nyu" in lines[-1]
    assert lines[-1].startswith("not asked: ")


def test_the_same_is_there_for_programs(storage: ObjectStorage) -> None:
    told = parsed(sslab("--format", "json"))
    assert [one["values"][0]["value"] for one in told["records"]] == [91.2, 91.21, 91.4]
    assert [(one["commit"], one["runs"], one["value"]) for one in told["comparison"]] == [
        (COMMITS[1], 1, 91.4),
        (COMMITS[0], 2, 91.21),
    ]
    (lost,) = told["regressions"]
    assert (lost["kind"], lost["before"], lost["now"]) == ("lost", 91.21, 91.4)
    assert lost["time"] == told["records"][2]["time"]
    assert told["unreached"]["nyu"] == "nothing is deployed at nyu by this clone"


def test_one_pattern_one_site_and_the_newest_alone(storage: ObjectStorage) -> None:
    assert parsed(sslab("--pattern", "fitting-service", "--format", "json"))["records"] == []
    told = parsed(sslab("--site", "local", "--last", "1", "--format", "json"))
    assert [one["commit"] for one in told["records"]] == [COMMITS[1]]
    assert told["unreached"] == {}
    assert "local: 2 older records are not shown" in sslab("--site", "local", "--last", "1").stdout


def test_a_picture_is_drawn(storage: ObjectStorage, tmp_path: Path) -> None:
    path = tmp_path / "z.png"
    shown = sslab("--plot", str(path))
    assert shown.exit_code == 0
    assert shown.stdout.endswith(f"{path} is drawn\n")
    assert path.read_bytes().startswith(b"\x89PNG")


def test_sites_that_cannot_be_asked_are_a_failure_only_where_all_are(
    storage: ObjectStorage,
) -> None:
    assert sslab("--site", "local", "--site", "nyu").exit_code == 0
    shown = sslab("--site", "nyu")
    assert shown.exit_code == 1
    assert "nyu: nothing is deployed at nyu by this clone" in shown.stdout
    assert "no site's results could be read" in str(shown.exception)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--site", "lokal"), 'lokal is not the name of a site; did you mean "local"?'),
        (("--pattern", "z-peek"), 'z-peek is not the name of a pattern; did you mean "z-peak"?'),
        (("--plot", "z.pdf"), "z.pdf is not the name of a PNG file; end it in .png"),
    ],
)
def test_wrong_names_are_told(storage: ObjectStorage, words: tuple[str, ...], message: str) -> None:
    shown = sslab(*words)
    assert shown.exit_code == 1
    assert str(shown.exception) == message


def test_a_damaged_record_is_told_apart_from_the_json(storage: ObjectStorage) -> None:
    broken = record(run=9)
    storage.objects[f"/z-peak/{broken.key}"] = b"<html>"
    shown = sslab("--format", "json")
    assert shown.exit_code == 0
    assert len(parsed(shown)["records"]) == 3
    assert f"local: z-peak/{broken.key} is no JSON document" in shown.stderr


@pytest.mark.parametrize("words", [("--last", "0"), ("--format", "yaml"), ("z-peak",)])
def test_wrong_usage_is_exit_code_two(storage: ObjectStorage, words: tuple[str, ...]) -> None:
    assert sslab(*words).exit_code == 2


def test_where_nothing_was_deployed_nothing_is_made(
    repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(repository / "state"))
    shown = sslab("--site", "local", "--site", "nyu")
    assert shown.exit_code == 1
    assert "local: nothing is deployed at local by this clone" in shown.stdout
    assert not (repository / "state").exists()  # no passphrase, no stack
    assert not (repository / "stacks").exists()


def test_the_help_has_examples() -> None:
    shown = " ".join(sslab("--help").output.split())
    assert "sslab results --pattern z-peak --plot z-peak.png" in shown
