from __future__ import annotations

import re
from typing import Any

from tests.components.recording import Recorded, Recording, record_laboratory, site

STORAGE = {"kind": "seaweedfs", "capacity": "5Gi", "buckets": ("likelihood-inference",)}


def recorded(**settings: Any) -> Recording:
    return record_laboratory(
        site(patterns={"likelihood-inference": settings}, object_storage=STORAGE)
    )


def job(recording: Recording) -> Recorded:
    (found,) = recording.of("Job")
    return found


def test_the_job_is_told_all_it_reads_and_runs_its_own_code() -> None:
    recording = recorded(training_events=300_000)
    container = job(recording).container("likelihood-inference")
    told = {each["name"]: each.get("value") for each in container["env"]}
    assert told["S3_BUCKET"] == "likelihood-inference"
    assert (told["SEED"], told["TRAINING_EVENTS"]) == ("20190622", "300000")
    assert container["args"] == ["-m", "likelihood_inference"]
    assert container["resources"]["requests"] == {"cpu": "250m", "memory": "512Mi"}
    (code,) = [
        each for each in recording.of("ConfigMap") if each.name == "likelihood-inference-code"
    ]
    assert {"__init__.py", "__main__.py", "analysis.py", "classifier.py"} <= set(code.props["data"])
    assert container["volumeMounts"][-1]["mountPath"] == "/opt/workload/likelihood_inference"


def test_other_settings_are_another_job() -> None:
    others: list[dict[str, Any]] = [{"seed": 1}, {"training_events": 100_000}, {"memory": "600Mi"}]
    names = [job(recorded(**each)).metadata["name"] for each in ({}, {}, *others)]
    assert names[0] == names[1]
    assert len({*names}) == 1 + len(others)
    assert all(re.fullmatch(r"likelihood-inference-[0-9a-f]{8}", name) for name in names)
