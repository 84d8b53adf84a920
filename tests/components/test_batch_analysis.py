from __future__ import annotations

import re
from typing import Any

import pytest

from tests.components.recording import Recorded, Recording, image, record_laboratory, site

STORAGE = {"kind": "seaweedfs", "capacity": "5Gi", "buckets": ("batch-analysis",)}
DIGEST = "sha256:" + 64 * "a"


def recorded(jobs: dict[str, Any] | None = None, **changes: Any) -> Recording:
    settings = {} if jobs is None else {"jobs": jobs}
    return record_laboratory(
        site(patterns={"batch-analysis": settings}, object_storage=STORAGE, **changes)
    )


def job(recording: Recording, name: str) -> Recorded:
    return recording.one("Job", f"batch-analysis-{name}")


def first(found: Recorded, name: str) -> dict[str, Any]:
    return next(each for each in found.pod["initContainers"] if each["name"] == name)


def mounts(container: dict[str, Any]) -> dict[str, str]:
    return {each["mountPath"]: each["name"] for each in container["volumeMounts"]}


def test_the_example_runs_its_script_in_the_plain_python_stack() -> None:
    recording = recorded()
    found = job(recording, "example")
    names = [each["name"] for each in found.pod["initContainers"]]
    assert names == ["fetch", "run"]
    assert [each["name"] for each in found.pod["containers"]] == ["publish"]
    run = first(found, "run")
    assert run["image"] == image("analysis")
    assert run["command"] == ["/bin/sh", "-c"]
    assert run["args"] == ["exec python3 '/scripts/michel.py'"]
    assert run["resources"]["requests"] == {"cpu": "250m", "memory": "512Mi"}
    assert {"/data", "/results", "/scripts", "/tmp"} <= set(mounts(run))
    script = recording.one("ConfigMap", "batch-analysis-example-script")
    assert "mean energy" in script.props["data"]["michel.py"]
    assert re.fullmatch(r"batch-analysis-example-[0-9a-f]{8}", found.metadata["name"])


def test_an_entry_reaches_its_pod() -> None:
    entry = {
        "image": "root",
        "digest": DIGEST,
        "command": "root -b -q /cvmfs/sft.cern.ch/fit.C",
        "group": "lhcb",
        "queue": "lhcb",
        "inputs": ["data/run2/"],
        "claim": "ntuples",
        "cvmfs": ["sft.cern.ch"],
        "cpu": "2",
        "memory": "4Gi",
        "gpu": 1,
        "retries": 1,
        "deadline_s": 7200,
    }
    found = job(
        recorded(
            {"fit": entry},
            quota={"cpu": "8", "memory": "16Gi", "pods": 20, "gpu": 1},
            gpus=[{"count": 1}],
            cvmfs={"kind": "host", "repositories": ["sft.cern.ch"]},
            privilege={"scope": "cluster", "host_path": True, "crds": True},
            scheduling={"kind": "kueue", "groups": {"lhcb": {"cpu": "4", "memory": "8Gi"}}},
        ),
        "fit",
    )
    assert found.metadata["labels"]["kueue.x-k8s.io/queue-name"] == "lhcb"
    assert found.metadata["labels"]["ssl/group"] == "lhcb"
    assert (found.spec["backoffLimit"], found.spec["activeDeadlineSeconds"]) == (1, 7200)
    run = first(found, "run")
    assert run["image"] == f"docker.io/rootproject/root:6.36.00-ubuntu24.04@{DIGEST}"
    assert run["args"] == ["root -b -q /cvmfs/sft.cern.ch/fit.C"]
    assert run["resources"]["requests"] == {"cpu": "2", "memory": "4Gi", "nvidia.com/gpu": "1"}
    assert run["resources"]["limits"]["nvidia.com/gpu"] == "1"
    assert mounts(run)["/cvmfs"] == "cvmfs"
    assert mounts(run)["/claim"] == "claim"
    assert "/scripts" not in mounts(run)
    told = {each["name"]: each.get("value") for each in first(found, "fetch")["env"]}
    assert (told["STAGE"], told["JOB"], told["INPUTS"]) == ("fetch", "fit", '["data/run2/"]')
    assert run["securityContext"]["readOnlyRootFilesystem"]
    assert not found.pod["automountServiceAccountToken"]


@pytest.mark.parametrize(
    "change", [{"command": "python3 -c 2"}, {"cpu": "300m"}, {"inputs": ["a"]}, {"retries": 3}]
)
def test_a_changed_entry_is_another_job_and_the_others_stay(change: dict[str, Any]) -> None:
    entry = {"command": "python3 -c 1"}
    before = recorded({"one": entry, "two": entry})
    after = recorded({"one": {**entry, **change}, "two": entry})
    names = [
        [job(each, name).metadata["name"] for name in ("one", "two")] for each in (before, after)
    ]
    assert names[0][0] != names[1][0]
    assert names[0][1] == names[1][1]


def test_a_long_name_is_cut_and_stays_its_own() -> None:
    recording = recorded({"a" * 60: {"command": "true"}, "a" * 61: {"command": "true"}})
    names = {each.metadata["name"] for each in recording.of("Job")}
    assert len(names) == 2
    assert all(len(name) <= 63 for name in names)
