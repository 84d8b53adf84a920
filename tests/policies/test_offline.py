from __future__ import annotations

import subprocess
import sys
import time
from datetime import date
from pathlib import Path
from typing import Any

import pulumi
import pytest
from pulumi_kubernetes.core.v1 import ConfigMap
from ruamel.yaml import YAML

from policies import model
from policies.offline import judge
from sslab.engine import recording
from tests.policies.policy_cases import CONTAINER, POD, edited, workload

ROOT = Path(__file__).parents[2]
TODAY = date(2026, 6, 15)
CHAIN = "urn:pulumi:lab::ssl::ssl:components:Laboratory$"


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    (tmp_path / "sites").mkdir()
    return tmp_path


def write_site(repository: Path, **fields: Any) -> None:
    known = {"name": "lab", "title": "Laboratory", "status": "planned"}
    data = {**known, "cluster": {"kind": "local"}, **fields}
    YAML().dump(data, repository / "sites" / "lab.yaml")


def recorded(token: str, name: str, inputs: dict[str, Any], chain: str = CHAIN) -> dict[str, Any]:
    return {
        "token": token,
        "name": name,
        "urn": f"{chain}{token}::{name}",
        "parent": "",
        "inputs": inputs,
        "secrets": [],
    }


def pod(name: str, edits: dict[str, Any], chain: str = CHAIN) -> dict[str, Any]:
    metadata = {"name": name, "namespace": "my-pattern"}
    inputs = {"metadata": metadata, "spec": edited(POD, edits)}
    return recorded("kubernetes:core/v1:Pod", name, inputs, chain)


UNPINNED = {"containers.0.image": "nginx:latest"}
WRITABLE = {"containers.0.securityContext.readOnlyRootFilesystem": False}


def test_a_finding_has_all_that_a_report_needs(repository: Path) -> None:
    write_site(repository)
    (found,) = judge(repository, "lab", [pod("web", UNPINNED)], TODAY)
    assert found == {
        "policy": "images-pinned",
        "severity": "mandatory",
        "resource": f"{CHAIN}kubernetes:core/v1:Pod::web",
        "what": 'container "web" runs an image that is not pinned',
        "where": "spec.containers[0].image",
        "message": 'container "web" runs an image that is not pinned (spec.containers[0].image): a '
        "tag can point to something else tomorrow; append its digest (@sha256:...), or build it in "
        "images/ as ssl.local/<name>:<content hash>",
        "remedy": "append its digest (@sha256:...), or build it in images/ as "
        "ssl.local/<name>:<content hash>",
        "page": "docs/policies.md#images-pinned",
        "exempted": None,
    }


def test_an_exemption_is_told_with_reason_and_end_until_it_ends(repository: Path) -> None:
    exemption = {
        "policy": "images-pinned",
        "object": "Pod/my-pattern/web",
        "reason": "upstream has no digest yet",
        "expires": "2026-06-15",
    }
    write_site(repository, exemptions=[exemption])
    things = [pod("web", UNPINNED), pod("other", UNPINNED)]
    other, web = judge(repository, "lab", things, TODAY)
    assert other["exempted"] is None
    assert web["exempted"] == "upstream has no digest yet, until 2026-06-15"
    _, web = judge(repository, "lab", things, date(2026, 6, 16))
    assert web["exempted"] is None
    assert "the exemption in sites/lab.yaml ended on 2026-06-15" in web["message"]
    _, web = judge(repository, "lab", things)
    assert (web["exempted"] is None) is (date.today() > date(2026, 6, 15))


def test_the_sites_rules_and_privileges_hold(repository: Path) -> None:
    write_site(
        repository,
        rules={"limits_over_requests_percent": 20, "bare_pods": {"hours": 6}},
        privilege={"scope": "namespace", "namespaces": ["elsewhere"]},
    )
    found = judge(repository, "lab", [pod("web", {})], TODAY)
    assert [each["policy"] for each in found] == [
        *("limits-within-requests", "limits-within-requests", "no-long-bare-pod", "site-scope"),
    ]
    assert all("sites/lab.yaml" in each["message"] for each in found)


def test_the_findings_are_sorted_and_advice_is_told_apart(repository: Path) -> None:
    write_site(repository)
    things = [pod("b", WRITABLE), pod("a", WRITABLE | UNPINNED)]
    found = judge(repository, "lab", things, TODAY)
    assert [(each["resource"][-1], each["policy"], each["severity"]) for each in found] == [
        ("a", "images-pinned", "mandatory"),
        ("a", "read-only-root", "advisory"),
        ("b", "read-only-root", "advisory"),
    ]


def test_a_contract_gives_powers_offline_too() -> None:
    service = {"metadata": {"name": "web"}, "spec": {"type": "NodePort"}}
    token = "kubernetes:core/v1:Service"
    ingress = recorded(token, "web", service, f"{CHAIN}ssl:components:Ingress$")
    assert judge(ROOT, "local", [ingress]) == []
    (found,) = judge(ROOT, "local", [recorded(token, "web", service)])
    assert found["policy"] == "no-external-service"


def test_a_stack_without_a_site_file_is_judged(repository: Path) -> None:
    assert len(judge(repository, "lab", [pod("web", UNPINNED)], TODAY)) == 1


def test_what_is_hidden_is_no_violation_but_of_secrecy(repository: Path) -> None:
    hidden = recording.HIDDEN
    shapes: list[dict[str, Any]] = [
        {"containers": hidden},
        {"containers.0": hidden},
        {"containers.0.securityContext": hidden},
        {"containers.0.securityContext.capabilities.drop": hidden},
        {"containers.0.image": hidden},
        {"containers.0.resources.limits": hidden},
        {"securityContext": hidden, "volumes": hidden},
    ]
    write_site(repository, rules={"limits_over_requests_percent": 1000})
    assert judge(repository, "lab", [pod("web", each) for each in shapes], TODAY) == []
    for edits in (
        {"containers.0.env.0.value": hidden},
        {"containers.0.args": ["serve", hidden]},
        {"containers.0.command": ["serve", "--key", hidden]},
    ):
        (found,) = judge(repository, "lab", [pod("web", edits)], TODAY)
        assert found["policy"] == "no-plain-secret"


def test_what_the_stack_keeps_encrypted_is_a_secret_by_that() -> None:
    def program() -> None:
        ConfigMap(
            "one",
            metadata={"name": "one", "annotations": {"note": pulumi.Output.secret("x")}},
            data={"open": "yes", "hidden": pulumi.Output.secret("harmless")},
        )

    found = judge(ROOT, "local", recording.record(program, "local"))
    assert [each["where"] for each in found] == ["data['hidden']", "metadata.annotations['note']"]
    assert all("holds a credential" in each["what"] for each in found)
    assert model.HIDDEN == recording.HIDDEN


def test_no_engine_is_needed() -> None:
    code = "import sys, policies.offline; sys.exit('pulumi' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0


def test_a_laboratory_is_judged_quickly(repository: Path) -> None:
    write_site(repository, rules={"limits_over_requests_percent": 20, "bare_pods": {"hours": 6}})
    thing = workload("apps/v1", "Deployment", edited(POD, {"containers": [CONTAINER] * 3}))
    things = [recorded(thing.token, f"web{i}", dict(thing.props)) for i in range(40)]
    judge(repository, "lab", things, TODAY)

    def seconds() -> float:
        start = time.perf_counter()
        judge(repository, "lab", things, TODAY)
        return time.perf_counter() - start

    assert min(seconds() for _ in range(3)) < 0.25  # 0.03 s on an idle machine
