from __future__ import annotations

from typing import Any

from tests.components.recording import Recorded, Recording, record_laboratory, site

STORAGE = {"kind": "seaweedfs", "capacity": "5Gi", "buckets": ["ci-evolution"]}


def recorded(**settings: Any) -> Recording:
    return record_laboratory(site(patterns={"ci-evolution": settings}, object_storage=STORAGE))


def job(recording: Recording) -> Recorded:
    (found,) = recording.of("Job")
    return found


def test_the_settings_reach_the_pod_and_both_revisions_are_mounted() -> None:
    recording = recorded(seed=8, events=20_000, cpu="200m")
    container = job(recording).container("ci-evolution")
    told = {each["name"]: each.get("value") for each in container["env"]}
    assert (told["SEED"], told["EVENTS"], told["S3_BUCKET"]) == ("8", "20000", "ci-evolution")
    assert container["args"] == ["-m", "ci_evolution"]
    assert container["resources"]["requests"] == {"cpu": "200m", "memory": "512Mi"}
    (code,) = [each for each in recording.of("ConfigMap") if each.name == "ci-evolution-code"]
    assert {"revision_1.py", "revision_2.py", "__main__.py"} <= set(code.props["data"])
    assert job(recording).spec["activeDeadlineSeconds"] == 600


def test_other_settings_are_another_job() -> None:
    others: list[dict[str, Any]] = [{"seed": 8}, {"events": 20_000}, {"memory": "600Mi"}]
    names = [job(recorded(**each)).metadata["name"] for each in ({}, {}, *others)]
    assert names[0] == names[1]
    assert len({*names}) == 1 + len(others)
