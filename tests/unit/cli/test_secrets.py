"""`sslab secrets` where neither Pulumi nor a passphrase is needed; the rest is in tests/e2e."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from sslab.cli.secrets import app
from sslab.errors import SslabError

pytestmark = pytest.mark.volume

ROOT = Path(__file__).parents[3]
IDENTITIES = ("admin", "fitting-service", "z-peak")


@pytest.fixture
def stack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file of a stack that has everything, in a repository that is the current folder."""
    for each in ROOT.iterdir():
        if each.name != "stacks" and each.name[:1] != ".":
            (tmp_path / each.name).symlink_to(each)
    file = tmp_path / "stacks/Pulumi.local.yaml"
    file.parent.mkdir()
    lines = [f"  ssl:s3-{of}-{half}-key:\n    secure: v1:x\n"
             for of in IDENTITIES for half in ("access", "secret")]  # fmt: skip
    file.write_text(f"encryptionsalt: v1:a=:v1:b\nconfig:\n{''.join(lines)}")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return file


def secrets(*words: str, stdin: str = "") -> Result:
    return CliRunner().invoke(app, words, input=stdin)


def test_a_complete_stack_is_listed_for_people_and_for_programs(stack: Path) -> None:
    shown = secrets("list", "local")
    assert shown.exit_code == 0
    (line,) = [each for each in shown.output.splitlines() if " s3-z-peak-secret-key " in each]
    assert line.split()[0] == "ok"
    assert "opens the bucket z-peak: secret key" in line
    assert "made here" in line
    assert "StatefulSet ssl-object-storage/object-storage" in line
    listed = json.loads(secrets("list", "local", "--format", "json").output)
    assert listed["unused"] == []
    (one,) = [each for each in listed["secrets"] if each["key"] == "s3-admin-secret-key"]
    assert one == {
        "key": "s3-admin-secret-key",
        "purpose": "may do everything in the object storage: secret key",
        "origin": "made",
        "needed": True,
        "present": True,
        "encrypted": True,
        "set_on": None,
        "used_by": [{"name": "StatefulSet ssl-object-storage/object-storage", "restarts": True}],
    }


def test_what_is_wrong_is_told_with_the_command_that_helps(stack: Path) -> None:
    text = stack.read_text()
    text = text.replace("ssl:s3-admin-access-key", "ssl:s3-gone-access-key")
    text = text.replace("-z-peak-access-key:\n    secure: v1:x", "-z-peak-access-key: readable", 1)
    stack.write_text(text)
    shown = secrets("list", "local")
    assert shown.exit_code == 1
    assert "readable" not in shown.output.replace("readable by", "")
    assert "MISSING        s3-admin-access-key" in shown.output
    assert "IN PLAIN TEXT  s3-z-peak-access-key" in shown.output
    assert "\n  sslab secrets init local\n" in shown.output
    assert "\n  sslab secrets rotate local s3-z-peak-access-key\n" in shown.output
    assert "\n  pulumi config rm ssl:s3-gone-access-key -s local\n" in shown.output


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("list", "nowhere"), "sites/nowhere.yaml:1:1: there is no such file"),
        (("set", "local", "s3-peak-access-key"), "did you mean s3-z-peak-access-key?"),
        (("rotate", "local", "s3-peak-access-key"), "did you mean s3-z-peak-access-key?"),
        (("key", "local"), "its passphrase is not on this machine"),
    ],
)
def test_a_mistake_is_one_message(stack: Path, words: tuple[str, ...], message: str) -> None:
    before = stack.read_text()
    shown = secrets(*words, stdin="a value that may not be shown")
    assert shown.exit_code == 1
    assert isinstance(shown.exception, SslabError)
    assert message in str(shown.exception)
    assert shown.output == ""
    assert stack.read_text() == before


@pytest.mark.parametrize(
    "words",
    [
        ("rotate", "local"),
        ("rotate", "local", "--all", "--passphrase"),
        ("rotate", "local", "s3-z-peak-access-key", "--all"),
        ("set", "local"),
        ("set", "local", "s3-z-peak-access-key", "a-value"),
        ("list", "local", "--format", "yaml"),
    ],
)
def test_wrong_usage_is_exit_code_two(stack: Path, words: tuple[str, ...]) -> None:
    assert secrets(*words).exit_code == 2
