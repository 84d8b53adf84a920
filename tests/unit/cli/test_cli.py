"""The `sslab` command: help, errors of one message, and nothing changed by them."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from sslab.cli.app import COMMANDS as TABLE
from sslab.cli.app import Command, app, load

ROOT = Path(__file__).parents[3]
SSLAB = Path(sys.executable).with_name("sslab")
COMMANDS = [
    (),
    *((each.name,) for each in TABLE),
    *((each.name, name) for each in TABLE for name in getattr(load(each), "commands", ())),
]


@pytest.fixture
def state(tmp_path: Path) -> Path:
    return tmp_path / "state"


def sslab(state: Path, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "XDG_STATE_HOME": str(state), "COLUMNS": "200", **more}
    return subprocess.run(
        [SSLAB, *words], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_every_command_explains_itself(command: tuple[str, ...]) -> None:
    shown = CliRunner().invoke(app, [*command, "--help"], prog_name="sslab")
    assert shown.exit_code == 0
    assert "Usage: sslab" in shown.output


def test_the_first_page_shows_every_command_in_order() -> None:
    shown = CliRunner().invoke(app, ["--help"], prog_name="sslab", env={"COLUMNS": "200"})
    listed = re.findall(r"^  (\S+)", shown.output.partition("Commands:")[2], re.MULTILINE)
    assert listed == [each.name for each in TABLE]
    assert "Example: `sslab up local`" in shown.output


def test_without_a_command_the_first_page_is_shown() -> None:
    page = CliRunner().invoke(app, ["--help"], prog_name="sslab").output
    shown = CliRunner().invoke(app, [], prog_name="sslab")
    assert (shown.exit_code, shown.output) == (2, page)


@pytest.mark.parametrize("command", TABLE, ids=lambda command: command.name)
def test_the_first_page_says_what_the_command_says_itself(command: Command) -> None:
    assert load(command).help.splitlines()[0] == command.help


@pytest.mark.parametrize(
    ("words", "heavy"),
    [
        (("--help",), "botocore httpx pulumi pydantic rich ruamel yaml"),
        (("validate",), "botocore httpx pulumi rich ruamel"),
    ],
    ids=["help", "validate"],
)
def test_a_command_imports_what_it_needs_and_no_more(words: tuple[str, ...], heavy: str) -> None:
    program = (
        "import sys\n"
        "from sslab.cli.app import app\n"
        "app(sys.argv[2:], standalone_mode=False)\n"
        "print(*[name for name in sys.argv[1].split() if name in sys.modules], file=sys.stderr)\n"
    )
    run = subprocess.run(
        [sys.executable, "-c", program, heavy, *words],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert run.stdout
    assert run.stderr == "\n"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("up", "nowhere"), "sites/nowhere.yaml:1:1: there is no such file"),
        (("env", "nowhere"), "sites/nowhere.yaml:1:1: there is no such file"),
        (("check", "local"), "the cluster local does not run; `sslab up local` brings it up"),
        (
            ("images", "push", "local"),
            "sites/local.yaml: registry.images: no registry is known",
        ),
        (("cluster", "stop", "nowhere"), "there is no cluster nowhere; there are: none"),
        (("cluster", "logs", "nowhere"), "there is no cluster nowhere; there are: none"),
    ],
)
def test_a_mistake_is_one_message(words: tuple[str, ...], message: str, state: Path) -> None:
    shown = sslab(state, *words)
    assert shown.returncode == 1
    assert shown.stdout == ""
    assert shown.stderr.startswith("error: ")
    assert message in shown.stderr
    assert "Traceback" not in shown.stderr
    assert not (ROOT / "stacks/Pulumi.nowhere.yaml").exists()


def test_wrong_usage_is_exit_code_two(state: Path) -> None:
    assert sslab(state, "check", "local", "--format", "xml").returncode == 2
    assert sslab(state, "nonesuch").returncode == 2
    mistyped = sslab(state, "valdate")
    assert mistyped.returncode == 2
    assert "Did you mean 'validate'?" in mistyped.stderr


def test_the_repositorys_sites_are_valid(state: Path) -> None:
    shown = sslab(state, "validate")
    assert shown.returncode == 0
    assert shown.stdout.strip().endswith("valid")


def test_a_wrong_site_is_shown_with_its_line(state: Path, tmp_path: Path) -> None:
    site = tmp_path / "local.yaml"
    text = (ROOT / "sites/local.yaml").read_text().replace("port: 8080", "port: 99999")
    site.write_text(text)
    line = text[: text.index("port: 99999")].count("\n") + 1
    shown = sslab(state, "validate", str(site))
    assert shown.returncode == 1
    assert f":{line}:9: ingress.port: 99999 is out of range" in shown.stdout


def test_the_doctor_changes_nothing_and_names_every_tool(state: Path) -> None:
    shown = sslab(state, "doctor", XDG_CACHE_HOME=str(state / "cache"))
    assert "kube-apiserver" in shown.stdout
    assert "built from toolchain/kubernetes by the next `make up`" in shown.stdout
    assert "missing" in shown.stdout
    assert not state.exists()


def test_the_shells_variables_are_quoted(state: Path) -> None:
    shown = sslab(state, "env", "local")
    assert shown.returncode == 0
    script = f'{shown.stdout}\necho "$PULUMI_BACKEND_URL"'
    evaluated = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=True)
    assert evaluated.stdout.strip() == f"file://{state}/sslab/stacks"


def test_no_cluster_is_said_so(state: Path) -> None:
    assert sslab(state, "cluster", "list").stdout.startswith("there is no embedded cluster")
