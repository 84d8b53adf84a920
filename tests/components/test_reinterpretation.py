from __future__ import annotations

import json
import re
from typing import Any

import pytest

from tests.components.recording import Recorded, Recording, record_laboratory, site

STORAGE = {"kind": "seaweedfs", "capacity": "5Gi", "buckets": ("reinterpretation",)}


def recorded(images: dict[str, str] | None = None, **settings: Any) -> Recording:
    of = site(patterns={"reinterpretation": settings}, object_storage=STORAGE)
    return record_laboratory(of, images=images)


def job(recording: Recording) -> Recorded:
    (found,) = recording.of("Job")
    return found


def environment(recording: Recording) -> dict[str, Any]:
    container = job(recording).container("reinterpretation")
    return {each["name"]: each.get("value") for each in container["env"]}


def test_the_job_is_told_all_it_reads_and_has_the_workflow_mounted() -> None:
    recording = recorded(mass_gev=340)
    told = environment(recording)
    assert {name: told[name] for name in ("SEED", "EVENTS", "MASS_GEV", "CROSS_SECTION_FB")} == {
        "SEED": "20190622",
        "EVENTS": "80000",
        "MASS_GEV": "340",
        "CROSS_SECTION_FB": "0.6",
    }
    container = job(recording).container("reinterpretation")
    assert container["args"] == ["-m", "reinterpretation"]
    assert container["resources"]["requests"] == {"cpu": "500m", "memory": "768Mi"}
    (code,) = [each for each in recording.of("ConfigMap") if each.name == "reinterpretation-code"]
    assert {"workflow.yml", "steps.yml", "step.py", "preserved_analysis.json"} <= set(
        code.props["data"]
    )
    assert json.loads(code.props["data"]["preserved_analysis.json"])["luminosity_fb"] == 139


@pytest.mark.parametrize(
    "change", [{"seed": 1}, {"mass_gev": 260}, {"images": {"analysis": "ssl.local/analysis:1"}}]
)
def test_what_other_settings_or_another_image_made_is_not_gone_on_from(
    change: dict[str, Any],
) -> None:
    first, same, other = recorded(), recorded(), recorded(**change)
    assert environment(first)["VERSION"] == environment(same)["VERSION"]
    assert environment(first)["VERSION"] != environment(other)["VERSION"]
    names = [job(each).metadata["name"] for each in (first, same, other)]
    assert names[0] == names[1] != names[2]
    assert all(re.fullmatch(r"reinterpretation-[0-9a-f]{8}", name) for name in names)
