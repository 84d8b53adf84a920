from __future__ import annotations

import re
import subprocess
import sys
from typing import Any

import pytest

from tests.components.recording import ROOT, Recorded, Recording, image, record_laboratory, site

STORAGE = {
    "AWS_ENDPOINT_URL_S3": "http://object-storage.ssl-object-storage.svc.cluster.local:8333",
    "AWS_DEFAULT_REGION": "us-east-1",
}


def with_settings(pattern: str, **settings: Any) -> Recording:
    return record_laboratory(
        site(patterns={"fitting-service": {}, "z-peak": {}, pattern: settings})
    )


def environment(container: dict[str, Any]) -> dict[str, Any]:
    return {each["name"]: each.get("value", each.get("valueFrom")) for each in container["env"]}


def job(recording: Recording) -> Recorded:
    return next(each for each in recording.of("Job") if each.name == "z-peak")


def reference(name: str, key: str) -> dict[str, Any]:
    return {"secretKeyRef": {"name": name, "key": key}}


def test_the_fitting_service_is_told_all_it_reads(local: Recording) -> None:
    pod = local.one("Deployment", "fitting-service")
    assert environment(pod.container("fitting-service")) == {
        **STORAGE,
        "S3_BUCKET": "fitting-service",
        "AWS_ACCESS_KEY_ID": reference("fitting-service-s3", "access-key"),
        "AWS_SECRET_ACCESS_KEY": reference("fitting-service-s3", "secret-key"),
        "FIT_WORKERS": "2",
        "FIT_TIMEOUT_S": "60",
    }


def test_the_z_peak_is_told_all_it_reads(local: Recording) -> None:
    assert environment(job(local).container("z-peak")) == {
        **STORAGE,
        "S3_BUCKET": "z-peak",
        "AWS_ACCESS_KEY_ID": reference("z-peak-s3", "access-key"),
        "AWS_SECRET_ACCESS_KEY": reference("z-peak-s3", "secret-key"),
        "SEED": "20190622",
        "SIGNAL_EVENTS": "100000",
        "BACKGROUND_EVENTS": "10000",
    }


def test_a_fitting_service_that_never_gets_ready_is_started_again_while_pulumi_waits(
    local: Recording,
) -> None:
    container = local.one("Deployment", "fitting-service").container("fitting-service")
    probe = container["startupProbe"]
    assert probe["httpGet"]["path"] == "/readyz"
    pulumi_waits_s = 600
    assert 120 <= probe["periodSeconds"] * probe["failureThreshold"] <= pulumi_waits_s / 2


def test_the_fitting_services_settings_reach_its_pods() -> None:
    recording = with_settings(
        "fitting-service", replicas=3, cpu="500m", cpu_limit=4, memory="1536Mi", fit_timeout_s=9
    )
    deployment = recording.one("Deployment", "fitting-service")
    container = deployment.container("fitting-service")
    assert deployment.spec["replicas"] == 3
    assert container["resources"] == {
        "requests": {"cpu": "500m", "memory": "1536Mi"},
        "limits": {"cpu": "4", "memory": "1536Mi"},
    }
    assert environment(container)["FIT_TIMEOUT_S"] == "9"
    assert environment(container)["FIT_WORKERS"] == "4"  # a fit on each core that it may use


def test_several_fitting_services_are_never_evicted_together(local: Recording) -> None:
    assert local.of("PodDisruptionBudget") == []  # one alone could never be moved
    recording = with_settings("fitting-service", replicas=2)
    (budget,) = recording.of("PodDisruptionBudget")
    deployment = recording.one("Deployment", "fitting-service")
    assert budget.namespace == "fitting-service"
    assert budget.spec["maxUnavailable"] == 1
    assert budget.spec["selector"] == deployment.spec["selector"]


@pytest.mark.parametrize(
    "settings", [{"seed": 1}, {"signal_events": 5000}, {"background_events": 5000}, {"cpu": "300m"}]
)
def test_other_settings_are_another_job(local: Recording, settings: dict[str, Any]) -> None:
    changed = job(with_settings("z-peak", **settings)).metadata["name"]
    assert changed != job(local).metadata["name"]
    assert re.fullmatch(r"z-peak-[0-9a-f]{8}", changed)


def test_another_image_is_another_job_and_the_same_is_the_same(local: Recording) -> None:
    name = job(local).metadata["name"]
    assert job(record_laboratory()).metadata["name"] == name
    changed = record_laboratory(images={"z-peak": image("z-peak", "f" * 16)})
    assert job(changed).metadata["name"] != name


def test_a_job_ends_and_stays(local: Recording) -> None:
    spec = job(local).spec
    assert 0 < spec["backoffLimit"] < 10
    assert 0 < spec["activeDeadlineSeconds"] <= 600  # Pulumi waits ten minutes for a Job
    assert spec["template"]["spec"]["restartPolicy"] == "Never"
    assert "ttlSecondsAfterFinished" not in spec  # a Job that is gone would look like drift


@pytest.mark.parametrize("pattern", ["fitting_service", "z_peak"])
def test_settings_are_read_without_pulumi(pattern: str) -> None:
    code = f"import sys; import runpy; runpy.run_path('patterns/{pattern}/settings.py'); " + (
        "sys.exit([name for name in sys.modules if name.startswith('pulumi')] != [])"
    )
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0
