from __future__ import annotations

import re
from typing import Any

import pytest

from patterns.fan_out.settings import Settings
from patterns.fan_out.workload.fan_out import reference
from patterns.sources import sources
from tests.components.recording import Recorded, Recording, record_laboratory, site

STAGES = ("prepare", "tasks", "merge")


def laboratory(**settings: Any) -> Recording:
    objects = {"kind": "seaweedfs", "capacity": "5Gi", "buckets": ["fan-out"]}
    return record_laboratory(site(patterns={"fan-out": settings}, object_storage=objects))


@pytest.fixture(scope="module")
def default() -> Recording:
    return laboratory()


def job(recording: Recording, stage: str) -> Recorded:
    return recording.one("Job", f"fan-out-{stage}")


def environment(recording: Recording, stage: str) -> dict[str, Any]:
    container = job(recording, stage).container("fan-out")
    return {each["name"]: each.get("value") for each in container["env"]}


def test_each_stage_waits_for_the_one_before(default: Recording) -> None:
    assert len(default.of("Job")) == 3
    assert job(default, "prepare").urn in job(default, "tasks").depends_on
    assert job(default, "tasks").urn in job(default, "merge").depends_on


def test_there_is_one_task_an_input(default: Recording) -> None:
    spec = job(default, "tasks").spec
    assert (spec["completionMode"], spec["completions"], spec["parallelism"]) == ("Indexed", 16, 2)
    assert job(laboratory(files=3, tasks_at_once=8), "tasks").spec["parallelism"] == 3


def test_a_wrong_input_fails_its_own_task_alone_and_at_once(default: Recording) -> None:
    spec = job(default, "tasks").spec
    assert spec["backoffLimitPerIndex"] == 6
    assert "backoffLimit" not in spec
    assert "maxFailedIndexes" not in spec
    wrong, moved = spec["podFailurePolicy"]["rules"]
    assert wrong == {
        "action": "FailIndex",
        "onExitCodes": {"containerName": "fan-out", "operator": "In", "values": [3]},
    }
    assert moved["action"] == "Ignore"
    assert spec["template"]["spec"]["restartPolicy"] == "Never"


def test_a_pod_is_replaced_when_it_has_ended_so_no_two_are_at_one_input(
    default: Recording,
) -> None:
    assert job(default, "tasks").spec["podReplacementPolicy"] == "Failed"


@pytest.mark.parametrize(
    ("stage", "told"), [("prepare", "prepare"), ("tasks", "task"), ("merge", "merge")]
)
def test_a_stage_is_told_all_it_reads(default: Recording, stage: str, told: str) -> None:
    found = environment(default, stage)
    version = found.pop("VERSION")
    assert re.fullmatch("[0-9a-f]{12}", version)
    assert {name: found[name] for name in found if "AWS" not in name} == {
        "S3_BUCKET": "fan-out",
        "STAGE": told,
        "SEED": "20191105",
        "FILES": "16",
        "EVENTS_PER_FILE": "50000",
        "BANDWIDTH_MB_S": "2.0",
        "TASKS_AT_ONCE": "2",
        "MEMORY_BYTES": str(320 * 2**20),
    }


def test_a_failed_stage_is_made_anew_and_says_why(default: Recording) -> None:
    for stage in STAGES:
        assert job(default, stage).metadata["annotations"] == {"pulumi.com/replaceUnready": "true"}
        container = job(default, stage).container("fan-out")
        assert container["terminationMessagePolicy"] == "FallbackToLogsOnError"
        assert 0 < job(default, stage).spec["activeDeadlineSeconds"] <= 900


def test_results_outlive_more_files_and_no_other_change(default: Recording) -> None:
    version = environment(default, "tasks")["VERSION"]
    same: list[dict[str, Any]] = [{"files": 20}, {"deadline_s": 1000}]
    others: list[dict[str, Any]] = [
        {"tasks_at_once": 4},
        {"bandwidth_mb_s": 4.0},
        {"memory": "512Mi"},
    ]
    for changes in same:
        assert environment(laboratory(**changes), "tasks")["VERSION"] == version
    for changes in others:
        assert environment(laboratory(**changes), "tasks")["VERSION"] != version


@pytest.mark.parametrize("changes", [{"files": 20}, {"seed": 1}, {"tasks_at_once": 4}])
def test_other_settings_are_other_jobs(default: Recording, changes: dict[str, Any]) -> None:
    changed = laboratory(**changes)
    for stage in STAGES:
        name = job(changed, stage).metadata["name"]
        assert name != job(default, stage).metadata["name"]
        assert re.fullmatch(f"fan-out-{stage}-[0-9a-f]{{8}}", name)


def test_the_code_is_mounted_and_small(default: Recording) -> None:
    code = default.one("ConfigMap", "fan-out-code").props["data"]
    assert code == sources("fan_out")
    assert {"__main__.py", "task.py"} <= set(code)
    assert sum(map(len, code.values())) < 900_000


def test_the_defaults_of_settings_and_reference_agree() -> None:
    settings = Settings()
    assert settings.seed == reference.DEFAULT_SEED
    assert settings.files == reference.DEFAULT_FILES
    assert settings.events_per_file == reference.DEFAULT_EVENTS_PER_FILE
