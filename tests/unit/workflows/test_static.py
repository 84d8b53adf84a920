"""What holds for every workflow, before any of it runs."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from sslab.paths import cache_dir
from sslab.progress import Progress
from sslab.toolchain.build import Toolchain
from sslab.toolchain.programs import ACTIONLINT

ROOT = Path(__file__).parents[3]
WORKFLOWS = sorted((ROOT / ".github/workflows").glob("*.yml"))
FROM_OUTSIDE = re.compile(
    r"github\.event\.(?!pull_request\.(number|head\.sha)|workflow_run\.)|head_ref"
)
"""What others write: titles, branches, messages. A shell would run it."""


def parsed(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = YAML(typ="safe").load(path)
    return found


def steps(workflow: dict[str, Any]) -> list[dict[str, Any]]:
    return [step for job in workflow["jobs"].values() for step in job.get("steps", [])]


def test_the_workflows_are_there() -> None:
    assert {path.stem for path in WORKFLOWS} >= {
        *("pull-request", "comment", "deploy", "wave", "drift", "test"),
    }


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_every_action_is_pinned_by_its_hash_and_names_its_version(path: Path) -> None:
    for line in path.read_text().splitlines():
        if re.match(r"\s*(- )?uses: (?!\./)", line):
            assert re.fullmatch(
                r"\s*(- )?uses: [\w.-]+(/[\w.-]+)+@[0-9a-f]{40} # v\d+\.\d+\.\d+", line
            ), f"{path.name}: {line}"


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_every_workflow_starts_with_no_more_than_the_right_to_read(path: Path) -> None:
    assert parsed(path)["permissions"] == {"contents": "read"}


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_no_step_runs_what_somebody_else_has_written(path: Path) -> None:
    for step in steps(parsed(path)):
        assert "${{" not in step.get("run", ""), "hand it over in `env`: a shell would run it"
        for value in step.get("env", {}).values():
            assert not FROM_OUTSIDE.search(str(value)), value


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_every_job_ends_some_time_and_only_who_pushes_keeps_the_token(path: Path) -> None:
    for name, job in parsed(path)["jobs"].items():
        if "uses" in job:
            continue
        assert job["timeout-minutes"] <= 120, name
        pushes = job.get("permissions", {}).get("contents") == "write"
        for step in job["steps"]:
            if step.get("uses", "").startswith("actions/checkout@"):
                assert step["with"].get("persist-credentials", True) is pushes, name


def test_pull_requests_get_no_secret_and_no_right() -> None:
    for path in WORKFLOWS:
        workflow = parsed(path)
        assert "pull_request_target" not in workflow["on"], path.name
        if "pull_request" in workflow["on"]:
            assert "secrets." not in path.read_text(), path.name
            assert all("permissions" not in job for job in workflow["jobs"].values()), path.name


def test_a_deployment_is_never_ended_half_way() -> None:
    jobs = parsed(ROOT / ".github/workflows/wave.yml")["jobs"]
    for job in jobs.values():
        assert job["concurrency"] == {
            "group": "deploy-${{ matrix.site }}",
            "cancel-in-progress": False,
        }
        assert job["strategy"]["fail-fast"] is False
    assert jobs["push"]["environment"] == "${{ matrix.site }}"
    assert "environment" not in jobs["pull"]


def test_each_wave_waits_for_all_before_it() -> None:
    jobs = parsed(ROOT / ".github/workflows/deploy.yml")["jobs"]
    assert list(jobs) == ["plan", *(f"wave-{n}" for n in range(10))]
    for number in range(10):
        job = jobs[f"wave-{number}"]
        assert job["needs"] == ["plan", *(f"wave-{n}" for n in range(number))]
        assert f"needs.plan.outputs.wave-{number} != " in job["if"]
        assert job["with"] == {"sites": f"${{{{ needs.plan.outputs.wave-{number} }}}}"}
        if number:
            assert "!contains(needs.*.result, 'failure')" in job["if"]
            assert "!contains(needs.*.result, 'cancelled')" in job["if"]


@pytest.mark.volume
def test_actionlint_finds_nothing() -> None:
    toolchain = Toolchain(ROOT / "toolchain", cache_dir())
    toolchain.ensure([ACTIONLINT], Progress())
    done = subprocess.run(
        [toolchain.path(ACTIONLINT), "-no-color", "-shellcheck=", *WORKFLOWS],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout
