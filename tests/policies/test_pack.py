from __future__ import annotations

import importlib
import inspect
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.protobuf import empty_pb2, struct_pb2
from pulumi.runtime import proto
from pulumi.runtime.proto import analyzer_pb2_grpc
from pulumi_policy import proxy
from ruamel.yaml import YAML

from policies.rules import POLICIES
from tests.policies.policy_cases import POD, edited

PACK = Path(__file__).parents[2] / "policies"
SECRET_MARK = "1b47061264138c4ac30d75fd1eb44270"  # how the engine marks a secret value
MARK_KEY = "4dabf18193072939515e22adb298388d"


@contextmanager
def started(pack: Path = PACK) -> Iterator[tuple[subprocess.Popen[str], socket.socket]]:
    """Start the pack as the engine does, from another folder, with a socket for the engine."""
    with socket.create_server(("127.0.0.1", 0)) as engine:
        command = [sys.executable, str(pack), f"127.0.0.1:{engine.getsockname()[1]}"]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd="/") as process:
            try:
                yield process, engine
            finally:
                process.kill()


@contextmanager
def connected(pack: Path = PACK) -> Iterator[Any]:
    with started(pack) as (process, _):
        assert process.stdout is not None
        port = int(process.stdout.readline())
        with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
            yield analyzer_pb2_grpc.AnalyzerStub(channel)


@pytest.fixture(scope="module")
def analyzer() -> Iterator[Any]:
    with connected() as found:
        yield found


SITE = """
name: lab
title: Laboratory
status: planned
cluster: {kind: local}
rules: {bare_pods: {hours: 6}}
exemptions:
  - {policy: images-pinned, object: Pod/held, reason: no digest yet, expires: "9999-12-31"}
  - {policy: images-pinned, object: Pod/ended, reason: no digest yet, expires: "2020-01-31"}
"""


@pytest.fixture(scope="module")
def lab_analyzer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Start the pack of a repository that has a site with rules and exemptions."""
    repository = tmp_path_factory.mktemp("repository")
    shutil.copytree(PACK, repository / "policies")
    (repository / "sslab").symlink_to(PACK.parent / "sslab")
    (repository / "sites").mkdir()
    (repository / "sites" / "lab.yaml").write_text(SITE)
    with connected(repository / "policies") as found:
        yield found


def test_the_pack_ends_with_the_engine() -> None:
    with started() as (process, engine):
        engine.close()
        assert process.wait(timeout=20) == 0


def analyze(
    analyzer: Any, token: str, props: dict[str, Any], chain: str, stack: str = "local"
) -> list[Any]:
    struct = struct_pb2.Struct()
    struct.update(props)
    urn = f"urn:pulumi:{stack}::ssl::{chain}{token}::thing"
    request = proto.AnalyzeRequest(type=token, urn=urn, name="thing", properties=struct)
    return list(analyzer.Analyze(request).diagnostics)


def test_every_rule_is_in_the_table_once() -> None:
    modules = [importlib.import_module(f"policies.{path.stem}") for path in PACK.glob("*_rules.py")]
    written = {
        function
        for module in modules
        for name, function in inspect.getmembers(module, inspect.isfunction)
        if not name.startswith("_")
        and function.__module__ == module.__name__
        and list(inspect.signature(function).parameters) == ["resource", "grants"]
    }
    assert {policy.rule for policy in POLICIES} == written
    assert len(POLICIES) == len(written)


def test_the_engine_is_told_of_every_policy(analyzer: Any) -> None:
    info = analyzer.GetAnalyzerInfo(empty_pb2.Empty())
    assert info.name == "ssl"
    levels = {"mandatory": proto.MANDATORY, "advisory": proto.ADVISORY}
    assert {policy.name: policy.enforcementLevel for policy in info.policies} == {
        policy.id: levels[policy.severity] for policy in POLICIES
    }
    assert {policy.severity for policy in POLICIES} == set(levels)
    for policy in info.policies:
        assert policy.policy_type == proto.PolicyType.POLICY_TYPE_RESOURCE
        assert policy.description.endswith(".")


@pytest.mark.parametrize("chain", ["", "ssl:components:Laboratory$ssl:patterns:FittingService$"])
def test_a_violation_reaches_the_engine_without_the_secret(analyzer: Any, chain: str) -> None:
    value = {MARK_KEY: SECRET_MARK, "value": "hunter2"}
    spec = edited(POD, {"containers.0.env": [{"name": "PASSWORD", "value": value}]})
    (found,) = analyze(analyzer, "kubernetes:core/v1:Pod", {"spec": spec}, chain)
    assert found.policyName == "no-plain-secret"
    assert "environment variable PASSWORD holds a credential" in found.message
    assert found.message.endswith("; see docs/policies.md#no-plain-secret")
    assert found.enforcementLevel == proto.MANDATORY
    assert "hunter2" not in str(found)


def test_a_good_pod_passes(analyzer: Any) -> None:
    assert analyze(analyzer, "kubernetes:core/v1:Pod", {"spec": POD}, "") == []


@pytest.mark.parametrize(
    ("path", "unknown"),
    [
        ("containers.0.image", proxy.UNKNOWN_STRING_VALUE),
        ("containers.0.env.0.value", proxy.UNKNOWN_STRING_VALUE),
        ("containers.0.securityContext", proxy.UNKNOWN_OBJECT_VALUE),
        ("containers.0.securityContext.allowPrivilegeEscalation", proxy.UNKNOWN_BOOLEAN_VALUE),
        ("containers", proxy.UNKNOWN_ARRAY_VALUE),
        ("volumes.0", proxy.UNKNOWN_OBJECT_VALUE),
        ("securityContext.runAsUser", proxy.UNKNOWN_NUMBER_VALUE),
    ],
)
def test_the_engines_unknown_values_are_no_violations(
    analyzer: Any, path: str, unknown: str
) -> None:
    spec = edited(POD, {path: unknown})
    assert analyze(analyzer, "kubernetes:core/v1:Pod", {"spec": spec}, "") == []
    whole = {"spec": proxy.UNKNOWN_OBJECT_VALUE}
    assert analyze(analyzer, "kubernetes:core/v1:Pod", whole, "") == []


def test_a_large_object_is_judged_in_time(analyzer: Any) -> None:
    fields = {f"field{i}": {"type": "string", "description": "what it means"} for i in range(2000)}
    token = "kubernetes:apiextensions.k8s.io/v1:CustomResourceDefinition"
    start = time.perf_counter()
    found = analyze(analyzer, token, {"spec": {"schema": fields}}, "")
    assert {each.policyName for each in found} == {"no-cluster-scoped-object", "site-crds"}
    assert time.perf_counter() - start < 10  # 0.2 s on an idle machine


def test_the_pack_runs_in_the_repositorys_environment() -> None:
    settings = YAML(typ="safe").load(PACK / "PulumiPolicy.yaml")
    assert settings["runtime"]["name"] == "python"
    assert (PACK / settings["runtime"]["options"]["virtualenv"]).resolve() == PACK.parent / ".venv"


def named(name: str, edits: dict[str, Any]) -> dict[str, Any]:
    spec = edited(POD, {"activeDeadlineSeconds": 60, **edits})
    return {"metadata": {"name": name, "namespace": "my-pattern"}, "spec": spec}


def test_an_exempted_violation_is_not_told_to_the_engine(lab_analyzer: Any) -> None:
    token, edits = "kubernetes:core/v1:Pod", {"containers.0.image": "nginx:latest"}
    assert analyze(lab_analyzer, token, named("held", edits), "", "lab") == []
    (found,) = analyze(lab_analyzer, token, named("ended", edits), "", "lab")
    assert "the exemption in sites/lab.yaml ended on 2020-01-31" in found.message
    (found,) = analyze(lab_analyzer, token, named("held", edits), "", "another")
    assert found.policyName == "images-pinned"


def test_the_sites_rules_hold_in_the_engine(lab_analyzer: Any) -> None:
    token, thing = "kubernetes:core/v1:Pod", named("web", {"activeDeadlineSeconds": 100000})
    (found,) = analyze(lab_analyzer, token, thing, "", "lab")
    assert found.policyName == "no-long-bare-pod"
    assert "sites/lab.yaml" in found.message
    assert analyze(lab_analyzer, token, thing, "", "another") == []


def test_advice_stops_nothing(lab_analyzer: Any) -> None:
    thing = named("web", {"containers.0.securityContext.readOnlyRootFilesystem": False})
    (found,) = analyze(lab_analyzer, "kubernetes:core/v1:Pod", thing, "", "lab")
    assert (found.policyName, found.enforcementLevel) == ("read-only-root", proto.ADVISORY)
