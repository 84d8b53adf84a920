from __future__ import annotations

import re
from typing import Any

from tests.components.recording import Recorded, Recording, record_laboratory, site

STORAGE = {"kind": "seaweedfs", "capacity": "5Gi", "buckets": ("template-fit",)}


def recorded(**settings: Any) -> Recording:
    return record_laboratory(site(patterns={"template-fit": settings}, object_storage=STORAGE))


def job(recording: Recording) -> Recorded:
    (found,) = recording.of("Job")
    return found


def environment(container: dict[str, Any]) -> dict[str, Any]:
    return {each["name"]: each.get("value") for each in container["env"]}


def test_the_job_is_told_all_it_reads_and_runs_its_own_code() -> None:
    recording = recorded(scan=[0, 12])
    container = job(recording).container("template-fit")
    told = environment(container)
    assert told["S3_BUCKET"] == "template-fit"
    assert {name: told[name] for name in ("SEED", "SCAN")} == {"SEED": "20190622", "SCAN": "0,12"}
    assert container["args"] == ["-m", "template_fit"]
    assert container["resources"]["requests"] == {"cpu": "250m", "memory": "384Mi"}
    (code,) = [each for each in recording.of("ConfigMap") if each.name == "template-fit-code"]
    assert {"__init__.py", "__main__.py", "scan.py", "model.py"} <= set(code.props["data"])
    assert container["volumeMounts"][-1]["mountPath"] == "/opt/workload/template_fit"


def test_other_settings_are_another_job() -> None:
    others: list[dict[str, Any]] = [{"seed": 1}, {"scan": [0, 6]}, {"memory": "600Mi"}]
    names = [job(recorded(**each)).metadata["name"] for each in ({}, {}, *others)]
    assert names[0] == names[1]
    assert len({*names}) == 1 + len(others)
    assert all(re.fullmatch(r"template-fit-[0-9a-f]{8}", name) for name in names)
