from __future__ import annotations

import inspect
import re
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

from policies import container_rules, object_rules, pod_rules, secret_rules
from policies.rules import RULES
from sslab.catalogue.contract import Powers
from tests.policies.policy_cases import POD, edited

PACK = Path(__file__).parents[2] / "policies"
SECRET_MARK = "1b47061264138c4ac30d75fd1eb44270"  # how the engine marks a secret value
MARK_KEY = "4dabf18193072939515e22adb298388d"


@contextmanager
def started() -> Iterator[tuple[subprocess.Popen[str], socket.socket]]:
    """Start the pack as the engine does, from another folder, with a socket for the engine."""
    with socket.create_server(("127.0.0.1", 0)) as engine:
        command = [sys.executable, str(PACK), f"127.0.0.1:{engine.getsockname()[1]}"]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd="/") as process:
            try:
                yield process, engine
            finally:
                process.kill()


@pytest.fixture(scope="module")
def analyzer() -> Iterator[analyzer_pb2_grpc.AnalyzerStub]:
    with started() as (process, _):
        assert process.stdout is not None
        port = int(process.stdout.readline())
        with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
            yield analyzer_pb2_grpc.AnalyzerStub(channel)


def test_the_pack_ends_with_the_engine() -> None:
    with started() as (process, engine):
        engine.close()
        assert process.wait(timeout=20) == 0


def analyze(analyzer: Any, token: str, props: dict[str, Any], chain: str) -> list[Any]:
    struct = struct_pb2.Struct()
    struct.update(props)
    urn = f"urn:pulumi:local::ssl::{chain}{token}::thing"
    request = proto.AnalyzeRequest(type=token, urn=urn, name="thing", properties=struct)
    return list(analyzer.Analyze(request).diagnostics)


def test_every_rule_is_in_the_table_once() -> None:
    written = {
        function
        for module in (container_rules, object_rules, pod_rules, secret_rules)
        for name, function in inspect.getmembers(module, inspect.isfunction)
        if not name.startswith("_")
        and function.__module__ == module.__name__
        and list(inspect.signature(function).parameters) == ["resource", "powers"]
    }
    assert set(RULES) == written
    assert len(RULES) == len(written)


def test_every_module_of_rules_is_looked_at() -> None:
    assert {path.stem for path in PACK.glob("*_rules.py")} == {
        *("container_rules", "object_rules", "pod_rules", "secret_rules")
    }


def test_the_engine_is_told_of_every_rule(analyzer: Any) -> None:
    info = analyzer.GetAnalyzerInfo(empty_pb2.Empty())
    assert info.name == "ssl"
    assert {policy.name for policy in info.policies} == {
        rule.__name__.replace("_", "-") for rule in RULES
    }
    for policy in info.policies:
        assert policy.enforcementLevel == proto.MANDATORY
        assert policy.policy_type == proto.PolicyType.POLICY_TYPE_RESOURCE
        assert policy.description.endswith(".")


@pytest.mark.parametrize("chain", ["", "ssl:components:Laboratory$ssl:patterns:FittingService$"])
def test_a_violation_reaches_the_engine_without_the_secret(analyzer: Any, chain: str) -> None:
    value = {MARK_KEY: SECRET_MARK, "value": "hunter2"}
    spec = edited(POD, {"containers.0.env": [{"name": "PASSWORD", "value": value}]})
    (found,) = analyze(analyzer, "kubernetes:core/v1:Pod", {"spec": spec}, chain)
    assert found.policyName == "no-plain-secret"
    assert "environment variable PASSWORD holds a credential" in found.message
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
    (found,) = analyze(analyzer, token, {"spec": {"schema": fields}}, "")
    assert found.policyName == "no-cluster-scoped-object"
    assert time.perf_counter() - start < 10  # 0.2 s on an idle machine


def test_the_pack_runs_in_the_repositorys_environment() -> None:
    settings = YAML(typ="safe").load(PACK / "PulumiPolicy.yaml")
    assert settings["runtime"]["name"] == "python"
    assert (PACK / settings["runtime"]["options"]["virtualenv"]).resolve() == PACK.parent / ".venv"


def test_the_documentation_names_every_rule_and_every_power() -> None:
    text = (PACK.parent / "docs" / "policies.md").read_text()
    assert [rule.__name__ for rule in RULES] == [
        name.replace("-", "_") for name in re.findall(r"^\| `([a-z-]+)` \|", text, re.MULTILINE)
    ]
    assert [power for power in Powers.model_fields if f"`{power}`" not in text] == []
