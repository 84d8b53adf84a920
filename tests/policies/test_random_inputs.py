from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policies.model import HIDDEN, UNKNOWN
from policies.rules import POLICIES
from tests.policies.policy_cases import messages, resource, site

pytestmark = pytest.mark.volume

FIELDS = st.sampled_from(
    (
        *("spec", "template", "jobTemplate", "metadata", "annotations", "data", "namespace"),
        *("containers", "initContainers", "name", "image", "env", "value", "ports", "hostPort"),
        *("resources", "limits", "requests", "cpu", "memory", "securityContext", "capabilities"),
        *("add", "drop", "privileged", "runAsUser", "runAsNonRoot", "seccompProfile", "type"),
        *("volumes", "hostPath", "command", "args", "livenessProbe", "exec", "lifecycle"),
        *("procMount", "seLinuxOptions", "sysctls", "windowsOptions", "activeDeadlineSeconds"),
        *("preStop", "rules", "verbs", "apiGroups", "resourceNames", "roleRef", "externalIPs"),
    )
)
LEAVES = (
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63)
    | st.floats()
    | st.sampled_from((UNKNOWN, HIDDEN))
)
VALUES: st.SearchStrategy[Any] = st.recursive(
    LEAVES | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(FIELDS, inner, max_size=4),
    max_leaves=25,
)
DEMANDING = site(
    privilege={"scope": "namespace", "namespaces": ["ssl"], "pod_security": "restricted"},
    rules={
        "limits_over_requests_percent": 20,
        "bare_pods": {"hours": 6, "cpu": "16", "memory": "32Gi", "gpu": 2},
    },
    registry={"mirror": "mirror.example.edu"},
)
POD_SHAPED = st.fixed_dictionaries(
    {"spec": st.fixed_dictionaries({"template": st.fixed_dictionaries({"spec": VALUES})})}
)
TOKENS = st.sampled_from(
    (
        *("kubernetes:core/v1:Pod", "kubernetes:apps/v1:Deployment", "kubernetes:batch/v1:CronJob"),
        *("kubernetes:core/v1:ConfigMap", "kubernetes:core/v1:Service", "kubernetes:x/v1:XPatch"),
        "kubernetes:rbac.authorization.k8s.io/v1:ClusterRole",
        "kubernetes:rbac.authorization.k8s.io/v1:ClusterRoleBinding",
        *("kubernetes:", "a:b:c", ""),
    )
)


@settings(max_examples=100, deadline=None)
@given(TOKENS, st.dictionaries(FIELDS, VALUES, max_size=4) | POD_SHAPED)
def test_no_rule_crashes(token: str, props: dict[str, Any]) -> None:
    thing = resource(token, props)
    for policy in POLICIES:
        assert all(messages(policy.rule, thing, at=DEMANDING))
