"""An analysis with its code mounted: what follows from what, and where its keys are."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pulumi
import pytest

from components.analysis import Analysis, AnalysisArgs
from components.buckets import Bucket, Credentials
from components.place import Place
from components.workloads import HouseRules
from tests.components.recording import Recorded, Recording, record

SECRETS = ("the-access-key", "the-secret-key")
ARGS = AnalysisArgs(
    package="my_pattern",
    sources={"__main__.py": "print('hello')\n", "model.py": "MASS = 91.1876\n"},
    environment={"SEED": "7"},
    cpu="250m",
    memory="512Mi",
)


def recorded(args: AnalysisArgs = ARGS, **place: Any) -> Recording:
    """Record the Job of an analysis in a namespace of its own."""
    return record(lambda: made(args, **place).job())


def made(args: AnalysisArgs = ARGS, **changes: Any) -> Analysis:
    keys = Credentials(*(pulumi.Output.secret(value) for value in SECRETS))
    endpoint = pulumi.Output.from_input("http://s3:8333")
    bucket = Bucket("ssl-my-pattern", endpoint, "eu-1", keys)
    given: dict[str, Any] = {
        "namespace": pulumi.Output.from_input("my-pattern"),
        "image": "ssl.local/analysis:0123456789abcdef",
        "storage": None,
        "ingress": None,
        "bucket": bucket,
        "batch": (),
        "house": HouseRules(),
    }
    place = Place(**{**given, **changes})
    parent = pulumi.ComponentResource("ssl:patterns:MyPattern", "my-pattern")
    return Analysis("my-pattern", args, place, parent)


def code(recording: Recording) -> Recorded:
    (found,) = recording.of("ConfigMap")
    return found


def job(recording: Recording) -> Recorded:
    (found,) = recording.of("Job")
    return found


def changed(**changes: Any) -> AnalysisArgs:
    return replace(ARGS, **changes)


def test_the_same_analysis_has_the_same_names() -> None:
    first, second = recorded(), recorded()
    turned = recorded(changed(sources=dict(reversed(list(ARGS.sources.items())))))
    for other in (second, turned):
        assert code(other).metadata["name"] == code(first).metadata["name"]
        assert job(other).metadata["name"] == job(first).metadata["name"]


def test_other_code_is_another_config_map_and_another_job() -> None:
    other = recorded(changed(sources={**ARGS.sources, "model.py": "MASS = 91.2\n"}))
    assert code(other).metadata["name"] != code(recorded()).metadata["name"]
    assert job(other).metadata["name"] != job(recorded()).metadata["name"]
    moved = recorded(changed(sources={**ARGS.sources, "mass.py": ARGS.sources["model.py"]}))
    assert code(moved).metadata["name"] != code(recorded()).metadata["name"]


@pytest.mark.parametrize(
    "changes",
    [
        {"environment": {"SEED": "8"}},
        {"cpu": "300m"},
        {"memory": "600Mi"},
        {"cpu_limit": "1"},
        {"deadline_s": 60},
        {"completions": 4, "parallelism": 2},
        {"labels": {"kueue.x-k8s.io/queue-name": "group-a"}},
    ],
)
def test_other_settings_are_another_job_with_the_same_code(changes: dict[str, Any]) -> None:
    other = recorded(changed(**changes))
    assert job(other).metadata["name"] != job(recorded()).metadata["name"]
    assert code(other).metadata["name"] == code(recorded()).metadata["name"]


def test_another_image_is_another_job() -> None:
    other = recorded(image="ssl.local/analysis:ffffffffffffffff")
    assert job(other).metadata["name"] != job(recorded()).metadata["name"]
    assert job(other).container("my-pattern")["image"].endswith(":ffffffffffffffff")


def test_the_code_cannot_be_changed_once_it_is_there() -> None:
    recording = recorded()
    assert code(recording).props["immutable"] is True
    assert code(recording).props["data"] == dict(ARGS.sources)
    assert code(recording).namespace == "my-pattern"


def test_the_code_is_mounted_where_python_looks_for_it_and_cannot_be_written() -> None:
    recording = recorded()
    container = job(recording).container("my-pattern")
    mounts = {each["name"]: each for each in container["volumeMounts"]}
    assert mounts["code"]["mountPath"] == "/opt/workload/my_pattern"
    assert mounts["code"]["readOnly"] is True
    assert container["args"] == ["-m", "my_pattern"]
    volumes = {each["name"]: each for each in job(recording).pod["volumes"]}
    assert volumes["code"]["configMap"]["name"] == code(recording).metadata["name"]


def test_the_keys_are_in_the_secret_and_nowhere_else() -> None:
    recording = recorded()
    (secret,) = recording.of("Secret")
    assert secret.props["stringData"] == {"access-key": SECRETS[0], "secret-key": SECRETS[1]}
    assert secret.secrets == {"stringData"}
    for each in (code(recording), job(recording)):
        assert not any(value in json.dumps(each.props) for value in SECRETS)
        assert each.secrets == set()
    environment = {
        each["name"]: each.get("value", each.get("valueFrom"))
        for each in job(recording).container("my-pattern")["env"]
    }
    assert environment == {
        "AWS_ENDPOINT_URL_S3": "http://s3:8333",
        "AWS_DEFAULT_REGION": "eu-1",
        "S3_BUCKET": "ssl-my-pattern",
        "AWS_ACCESS_KEY_ID": {"secretKeyRef": {"name": "my-pattern-s3", "key": "access-key"}},
        "AWS_SECRET_ACCESS_KEY": {"secretKeyRef": {"name": "my-pattern-s3", "key": "secret-key"}},
        "SEED": "7",
    }


def test_a_job_ends_and_stays() -> None:
    spec = job(recorded()).spec
    assert (spec["backoffLimit"], spec["activeDeadlineSeconds"]) == (4, 900)
    assert spec["template"]["spec"]["restartPolicy"] == "Never"
    assert "ttlSecondsAfterFinished" not in spec  # a Job that is gone would look like drift


def test_the_tasks_of_an_indexed_job_are_tried_again_each_by_itself() -> None:
    spec = job(recorded(changed(completions=4, parallelism=2))).spec
    assert (spec["completionMode"], spec["completions"], spec["parallelism"]) == ("Indexed", 4, 2)
    assert spec["backoffLimitPerIndex"] == 4
    assert "backoffLimit" not in spec


def test_a_site_that_bounds_limits_gets_lower_ones() -> None:
    container = job(recorded(house=HouseRules(limits_over_requests_percent=20))).container(
        "my-pattern"
    )
    assert container["resources"] == {
        "requests": {"cpu": "250m", "memory": "512Mi"},
        "limits": {"cpu": "300m", "memory": "512Mi"},
    }


def test_an_analysis_needs_a_bucket() -> None:
    with pytest.raises(ValueError, match="my-pattern needs a bucket of its name"):
        record(lambda: made(bucket=None))
