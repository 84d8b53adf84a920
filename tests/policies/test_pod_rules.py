from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from policies import pod_rules
from policies.container_rules import images_pinned, resources_bounded
from policies.model import UNKNOWN
from policies.policy import Rule
from policies.rules import POLICIES
from sslab.catalogue.contract import Powers
from tests.policies.policy_cases import CONTAINER, POD, edited, messages, pod, resource, workload

PRIVILEGED = Powers(privileged=True)
HOST_NETWORK = Powers(host_network=True)
RULES = [policy.rule for policy in POLICIES]
C = "containers.0"
S = "containers.0.securityContext"
HOST_PATH = {"name": "data", "hostPath": {"path": "/"}}

FAILING: list[tuple[Rule, str, Any, Powers | None, str]] = [
    # rule, what is edited, into what, the powers that allow it, a part of the message
    (pod_rules.no_privileged_container, f"{S}.privileged", True, PRIVILEGED, "is privileged"),
    (
        pod_rules.no_privilege_escalation,
        f"{S}.allowPrivilegeEscalation",
        True,
        PRIVILEGED,
        "may gain privileges",
    ),
    (
        pod_rules.no_privilege_escalation,
        f"{S}.allowPrivilegeEscalation",
        None,
        PRIVILEGED,
        "may gain privileges",
    ),
    (pod_rules.no_host_path, "volumes.0", HOST_PATH, Powers(host_path=True), "volumes[0].hostPath"),
    (pod_rules.no_host_namespace, "hostNetwork", True, HOST_NETWORK, "hostNetwork"),
    (pod_rules.no_host_namespace, "hostPID", True, Powers(host_pid=True), "hostPID"),
    (pod_rules.no_host_namespace, "hostIPC", True, None, "no contract can grant it"),
    (pod_rules.no_host_port, f"{C}.ports.0.hostPort", 80, HOST_NETWORK, "ports[0].hostPort"),
    (
        pod_rules.no_added_capability,
        f"{S}.capabilities.add",
        ["NET_RAW"],
        Powers(capabilities=("NET_RAW",)),
        "adds the capability NET_RAW",
    ),
    (
        pod_rules.no_added_capability,
        f"{S}.capabilities.drop",
        None,
        PRIVILEGED,
        "default capabilities",
    ),
    (
        pod_rules.no_root_user,
        "securityContext.runAsUser",
        0.0,  # Pulumi hands every number over as a float
        Powers(run_as_root=True),
        "runs as root (spec.securityContext.runAsUser)",
    ),
    (
        pod_rules.no_root_user,
        f"{S}.runAsUser",
        0,
        Powers(run_as_root=True),
        "runs as root (spec.containers[0].securityContext.runAsUser)",
    ),
    (
        pod_rules.no_root_user,
        "securityContext.runAsNonRoot",
        None,
        Powers(run_as_root=True),
        "may run as root",
    ),
    (
        pod_rules.no_root_user,
        f"{S}.runAsNonRoot",
        False,
        Powers(run_as_root=True),
        "may run as root",
    ),
    (
        pod_rules.seccomp_profile,
        "securityContext.seccompProfile",
        None,
        PRIVILEGED,
        "without a seccomp profile",
    ),
    (
        pod_rules.seccomp_profile,
        f"{S}.seccompProfile.type",
        "Unconfined",
        PRIVILEGED,
        "without a seccomp profile",
    ),
    (pod_rules.no_idle_token, "automountServiceAccountToken", None, None, "mounts a token"),
    (pod_rules.no_idle_token, "automountServiceAccountToken", True, None, "mounts a token"),
]

PASSING: list[tuple[Rule, Mapping[str, Any]]] = [
    (pod_rules.no_privileged_container, {f"{S}.privileged": False}),
    (pod_rules.no_host_path, {"volumes.0": {"persistentVolumeClaim": {"claimName": "data"}}}),
    (pod_rules.no_host_namespace, {"hostNetwork": False}),
    (pod_rules.no_host_port, {f"{C}.ports.0.hostPort": 0}),
    (pod_rules.no_root_user, {"securityContext.runAsUser": 0, f"{S}.runAsUser": 65532}),
    (pod_rules.no_root_user, {"securityContext.runAsNonRoot": None, f"{S}.runAsNonRoot": True}),
    (pod_rules.no_root_user, {"securityContext.runAsUser": None}),
    (pod_rules.seccomp_profile, {f"{S}.seccompProfile": {"type": "Localhost"}}),
    (
        pod_rules.no_idle_token,
        {"serviceAccountName": "watcher", "automountServiceAccountToken": True},
    ),
]

KINDS = [
    ("apps/v1", "Deployment"),
    ("extensions/v1beta1", "Deployment"),
    ("apps/v1", "StatefulSet"),
    ("apps/v1", "DaemonSet"),
    ("apps/v1", "ReplicaSet"),
    ("core/v1", "ReplicationController"),
    ("core/v1", "PodTemplate"),
    ("batch/v1", "Job"),
    ("batch/v1", "CronJob"),
]


def case_id(value: object) -> str | None:
    return getattr(value, "__name__", None) or (value if isinstance(value, str) else "")


@pytest.mark.parametrize("rule", RULES, ids=case_id)
def test_a_restricted_pod_passes(rule: Rule) -> None:
    assert messages(rule, pod()) == []


@pytest.mark.parametrize(("rule", "path", "value", "powers", "expected"), FAILING, ids=case_id)
def test_a_pod_fails(
    rule: Rule, path: str, value: Any, powers: Powers | None, expected: str
) -> None:
    (message,) = messages(rule, pod({path: value}))
    assert expected in message
    assert "(spec." in message
    if powers is not None:
        (power,) = powers.model_fields_set
        assert f"powers.{power} in the contract" in message
        assert messages(rule, pod({path: value}), powers) == []


@pytest.mark.parametrize(("rule", "edits"), PASSING, ids=case_id)
def test_a_pod_passes(rule: Rule, edits: Mapping[str, Any]) -> None:
    assert messages(rule, pod(edits)) == []


@pytest.mark.parametrize(("api", "kind"), KINDS, ids=case_id)
def test_every_kind_with_pods_is_judged(api: str, kind: str) -> None:
    for rule, path, value, _, expected in FAILING:
        assert messages(rule, workload(api, kind, POD)) == []
        (message,) = messages(rule, workload(api, kind, edited(POD, {path: value})))
        assert expected.partition(" (")[0] in message


@pytest.mark.parametrize("field", ["initContainers", "ephemeralContainers"])
def test_every_container_is_judged(field: str) -> None:
    bad = edited(
        CONTAINER,
        {"securityContext.privileged": True, "image": "busybox:latest", "resources": None},
    )
    thing = pod({field: [bad]})
    (message,) = messages(pod_rules.no_privileged_container, thing)
    assert f"spec.{field}[0].securityContext.privileged" in message
    assert len(messages(images_pinned, thing)) == 1
    assert len(messages(resources_bounded, thing)) == 4


@pytest.mark.parametrize("kind", ["PersistentVolume", "PersistentVolumePatch"])
def test_a_persistent_volume_on_a_folder_of_the_node_is_a_host_path(kind: str) -> None:
    thing = resource(f"kubernetes:core/v1:{kind}", {"spec": {"hostPath": {"path": "/data"}}})
    (message,) = messages(pod_rules.no_host_path, thing)
    assert "spec.hostPath" in message
    assert messages(pod_rules.no_host_path, thing, Powers(host_path=True)) == []


@pytest.mark.parametrize("rule", RULES, ids=case_id)
def test_a_patch_is_judged_by_what_it_says(rule: Rule) -> None:
    harmless = {"containers": [{"name": "web"}]}
    assert messages(rule, workload("apps/v1", "DeploymentPatch", harmless)) == []


def test_a_patch_that_makes_a_container_privileged_fails() -> None:
    spec = {"containers": [{"name": "web", "securityContext": {"privileged": True}}]}
    thing = workload("apps/v1", "DeploymentPatch", spec)
    assert len(messages(pod_rules.no_privileged_container, thing)) == 1


@pytest.mark.parametrize(
    "path",
    [
        *("containers", C, S, f"{S}.capabilities", f"{S}.capabilities.drop", f"{S}.privileged"),
        *("securityContext", "securityContext.seccompProfile", "securityContext.runAsNonRoot"),
        *("volumes", "volumes.0", "hostNetwork", "automountServiceAccountToken"),
        *(f"{C}.image", f"{C}.resources", f"{C}.resources.limits.cpu", f"{C}.env", f"{C}.ports"),
    ],
)
def test_a_value_that_is_not_known_yet_is_no_violation(path: str) -> None:
    thing = pod({path: UNKNOWN})
    assert [message for rule in RULES for message in messages(rule, thing)] == []


@pytest.mark.parametrize("spec", [UNKNOWN, None, [], "text", 3, {"containers": {"a": "b"}}])
def test_a_pod_without_a_readable_specification_does_not_crash(spec: object) -> None:
    for rule in RULES:
        assert isinstance(messages(rule, resource("kubernetes:core/v1:Pod", {"spec": spec})), list)
