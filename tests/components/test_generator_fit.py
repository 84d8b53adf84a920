from __future__ import annotations

import re
from typing import Any

from tests.components.recording import Recorded, Recording, record_laboratory, site

STORAGE = {"kind": "seaweedfs", "capacity": "5Gi", "buckets": ("generator-fit",)}


def recorded(**settings: Any) -> Recording:
    return record_laboratory(site(patterns={"generator-fit": settings}, object_storage=STORAGE))


def job(recording: Recording) -> Recorded:
    (found,) = recording.of("Job")
    return found


def test_the_job_is_told_all_it_reads_and_runs_its_own_code() -> None:
    recording = recorded(events=50_000)
    container = job(recording).container("generator-fit")
    told = {each["name"]: each.get("value") for each in container["env"]}
    assert told["S3_BUCKET"] == "generator-fit"
    assert (told["SEED"], told["EVENTS"]) == ("20190622", "50000")
    assert container["args"] == ["-m", "generator_fit"]
    assert container["resources"]["requests"] == {"cpu": "250m", "memory": "384Mi"}
    (code,) = [each for each in recording.of("ConfigMap") if each.name == "generator-fit-code"]
    assert {"__init__.py", "__main__.py", "analysis.py", "fit.py"} <= set(code.props["data"])
    assert container["volumeMounts"][-1]["mountPath"] == "/opt/workload/generator_fit"


def test_other_settings_are_another_job() -> None:
    others: list[dict[str, Any]] = [{"seed": 1}, {"events": 5000}, {"memory": "600Mi"}]
    names = [job(recorded(**each)).metadata["name"] for each in ({}, {}, *others)]
    assert names[0] == names[1]
    assert len({*names}) == 1 + len(others)
    assert all(re.fullmatch(r"generator-fit-[0-9a-f]{8}", name) for name in names)
