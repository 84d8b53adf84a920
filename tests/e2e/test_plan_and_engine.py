"""The plan, made without a cluster, says what Pulumi's engine says with one."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.e2e.conftest import ROOT, Lab

pytestmark = pytest.mark.e2e
KINDS = {"create": "add", "update": "change", "replace": "replace", "delete": "delete"}
IDENTITY = ("-c", "user.name=test", "-c", "user.email=test@example.edu")
CHANGES = {
    "one pattern scaled": ({"fitting-service: {}": "fitting-service: {replicas: 2}"}, "add change"),
    "one pattern gone, another changed": (
        {
            "  fitting-service: {}\n": "",
            "[fitting-service, z-peak]": "[z-peak]",
            "z-peak: {}": "z-peak: {seed: 7}",
        },
        "change delete replace",
    ),
}


@pytest.mark.parametrize("name", CHANGES)
def test_the_plan_and_the_engine_agree(name: str, lab: Lab) -> None:
    edits, kinds = CHANGES[name]
    lab.run("git", *IDENTITY, "commit", "--quiet", "--all", "--message", "as it runs")
    site = lab.clone / "sites/local.yaml"
    before = text = site.read_text()
    for old, new in edits.items():
        assert old in text
        text = text.replace(old, new)
    site.write_text(text)
    try:
        plan, preview = planned(lab), previewed(lab)
    finally:
        site.write_text(before)
    assert sorted(set(plan.values())) == kinds.split()
    assert plan == preview


def test_the_readmes_commands_review_a_change(lab: Lab) -> None:
    section = (ROOT / "README.md").read_text().partition("## Review a change")[2]
    commands = section.partition("```console\n")[2].partition("```")[0].splitlines()
    shown = [lab.run("bash", "-c", command.removeprefix("$ ")) for command in commands]
    assert [each.returncode for each in shown] == [0] * 3, [each.stderr for each in shown]
    plan, catalog, _ = (each.stdout for each in shown)
    assert plan.startswith("Plan of ")
    assert "chicago" in catalog
    assert (lab.clone / "rendered/local/kustomization.yaml").is_file()


def planned(lab: Lab) -> dict[str, str]:
    done = lab.sslab("plan", "local", "--against", "HEAD", "--format", "json")
    assert done.returncode == 0, done.stdout + done.stderr
    changes = json.loads(done.stdout)["sites"]["local"]["changes"]
    return {each["resource"]["urn"]: each["kind"] for each in changes}


def previewed(lab: Lab) -> dict[str, str]:
    script = 'eval "$(.venv/bin/sslab env)" && pulumi preview -s local --json'
    done = lab.run("bash", "-c", script)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr
    steps: list[dict[str, Any]] = json.loads(done.stdout)["steps"]
    # a replacement is three steps, of which `replace` is one; the components are not in the plan
    return {
        each["urn"]: KINDS[each["op"]]
        for each in steps
        if each["op"] in KINDS and "kubernetes:" in each["urn"].split("::")[2].rpartition("$")[2]
    }
