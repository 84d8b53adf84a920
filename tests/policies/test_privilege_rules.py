from __future__ import annotations

from typing import Any

import pytest

from policies import privilege_rules
from policies.model import UNKNOWN, Resource
from policies.policy import Rule
from sslab.catalogue.contract import Powers
from sslab.site.model import Site
from tests.policies.policy_cases import POD, edited, messages, pod, resource, site, workload

ALL_POWERS = Powers(
    cluster_scoped=("CustomResourceDefinition", "Namespace"),
    privileged=True,
    host_path=True,
    host_network=True,
    run_as_root=True,
)
CRD = resource("kubernetes:apiextensions.k8s.io/v1:CustomResourceDefinition", {}, "widgets")
FOLDER = pod({"volumes.0": {"name": "data", "hostPath": {"path": "/"}}})
PRIVILEGED = pod({"containers.0.securityContext.privileged": True})
NAMESPACES = site(privilege={"scope": "namespace", "namespaces": ["ssl", "ssl-data"]})


def limited(level: str | None) -> Site:
    return site(privilege={"pod_security": level})


def in_namespace(namespace: object, token: str = "kubernetes:core/v1:ConfigMap") -> Resource:
    return resource(token, {"metadata": {"name": "thing", "namespace": namespace}})


@pytest.mark.parametrize(
    ("rule", "thing", "field", "path"),
    [
        (privilege_rules.site_crds, CRD, "crds", "kind"),
        (
            privilege_rules.site_privileged,
            PRIVILEGED,
            "privileged",
            "spec.containers[0].securityContext.privileged",
        ),
        (privilege_rules.site_host_path, FOLDER, "host_path", "spec.volumes[0].hostPath"),
        (
            privilege_rules.site_host_path,
            resource("kubernetes:core/v1:PersistentVolume", {"spec": {"local": {"path": "/d"}}}),
            "host_path",
            "spec.local",
        ),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_what_the_site_does_not_give_no_contract_gives(
    rule: Rule, thing: Resource, field: str, path: str
) -> None:
    (message,) = messages(rule, thing, ALL_POWERS)
    assert f"({path}): sites/example.yaml does not give" in message
    assert f"or set privilege.{field}: true in the site file, if the cluster's" in message
    assert messages(rule, thing, at=site(privilege={field: True})) == []


def test_only_definitions_of_kinds_are_meant() -> None:
    for token in (
        "kubernetes:core/v1:ConfigMap",
        "kubernetes:apiregistration.k8s.io/v1:APIService",
    ):
        assert messages(privilege_rules.site_crds, resource(token, {})) == []


@pytest.mark.parametrize("kind", ["Namespace", "PersistentVolume", "NamespacePatch"])
def test_a_site_that_gives_namespaces_gets_no_object_of_the_cluster(kind: str) -> None:
    thing = in_namespace(None, f"kubernetes:core/v1:{kind}")
    (message,) = messages(privilege_rules.site_scope, thing, ALL_POWERS, NAMESPACES)
    assert "'thing' is an object of the whole cluster (kind)" in message
    assert "set privilege.scope: cluster in the site file, if" in message
    assert messages(privilege_rules.site_scope, thing) == []


@pytest.mark.parametrize(
    ("namespace", "expected"),
    [
        ("kube-system", "is in the namespace kube-system (metadata.namespace)"),
        (None, "states no namespace (metadata.namespace)"),
        ("", "states no namespace (metadata.namespace)"),
    ],
)
def test_an_object_elsewhere_fails(namespace: object, expected: str) -> None:
    (message,) = messages(privilege_rules.site_scope, in_namespace(namespace), at=NAMESPACES)
    assert expected in message
    assert "(ssl, ssl-data)" in message
    assert messages(privilege_rules.site_scope, in_namespace(namespace)) == []


def test_a_site_whose_namespaces_are_not_known_yet_says_so() -> None:
    nowhere = site(privilege={"scope": "namespace"})
    (message,) = messages(privilege_rules.site_scope, in_namespace("ssl"), at=nowhere)
    assert "(none yet)" in message


@pytest.mark.parametrize(
    "thing",
    [
        *(in_namespace("ssl"), in_namespace("ssl-data"), in_namespace(UNKNOWN)),
        in_namespace("ssl", "kubernetes:example.org/v1:Widget"),
        resource("kubernetes:helm.sh/v4:Chart", {"namespace": "elsewhere"}),
        resource("kubernetes:core/v1:ConfigMapPatch", {"metadata": {"name": "thing"}}),
        *(resource("ssl:components:Storage", {}), resource("gcp:container/cluster:Cluster", {})),
    ],
)
def test_what_is_in_the_sites_namespaces_or_no_object_passes(thing: Resource) -> None:
    assert messages(privilege_rules.site_scope, thing, at=NAMESPACES) == []


BASELINE: list[tuple[str, Any, str]] = [
    # what is edited, into what, the field that the level forbids
    *((name, True, f"spec.{name}") for name in ("hostNetwork", "hostPID", "hostIPC")),
    ("volumes.0", {"name": "a", "hostPath": {}}, "spec.volumes[0].hostPath"),
    (
        "securityContext.sysctls",
        [{"name": "net.ipv4.tcp_syncookies"}, {"name": "kernel.msgmax"}],
        "spec.securityContext.sysctls[1].name",
    ),
    *(
        (f"{where}{path}", value, f"spec.{shown}{path}")
        for where, shown in (("", ""), ("containers.0.", "containers[0]."))
        for path, value in (
            ("securityContext.seccompProfile.type", "Unconfined"),
            ("securityContext.appArmorProfile.type", "Unconfined"),
            ("securityContext.seLinuxOptions.type", "spc_t"),
            ("securityContext.seLinuxOptions.user", "root"),
            ("securityContext.seLinuxOptions.role", "sysadm_r"),
            ("securityContext.windowsOptions.hostProcess", True),
        )
    ),
    *(
        (f"containers.0.{path}", value, f"spec.containers[0].{path}")
        for path, value in (
            ("securityContext.privileged", True),
            ("securityContext.procMount", "Unmasked"),
            ("securityContext.capabilities.add", ["NET_RAW"]),
            ("readinessProbe.httpGet.host", "192.0.2.1"),
            ("lifecycle.postStart.tcpSocket.host", "192.0.2.1"),
        )
    ),
    ("containers.0.ports.0.hostPort", 80, "spec.containers[0].ports[0].hostPort"),
]
RESTRICTED: list[tuple[str, Any, str]] = [
    ("volumes.0", {"name": "a", "nfs": {"server": "s"}}, "spec.volumes[0].nfs"),
    ("securityContext.runAsUser", 0.0, "spec.securityContext.runAsUser"),
    ("securityContext.runAsNonRoot", None, "spec.securityContext.runAsNonRoot"),
    (
        "securityContext.seccompProfile",
        None,
        "spec.securityContext.seccompProfile.type",
    ),
    *(
        (
            f"containers.0.securityContext.{path}",
            value,
            f"spec.containers[0].securityContext.{path}",
        )
        for path, value in (
            ("runAsUser", 0),
            ("runAsNonRoot", False),
            ("allowPrivilegeEscalation", None),
            ("capabilities.drop", ["NET_RAW"]),
            ("capabilities.add", ["CHOWN"]),
        )
    ),
]


@pytest.mark.parametrize(("path", "value", "field"), BASELINE)
@pytest.mark.parametrize("level", ["baseline", "restricted"])
def test_what_is_beyond_baseline_needs_privileged(
    path: str, value: Any, field: str, level: str
) -> None:
    thing = pod({path: value})
    (message,) = messages(privilege_rules.site_pod_security, thing, ALL_POWERS, limited(level))
    assert f"the pod needs the level privileged of Pod Security ({field})" in message
    assert f"allows {level}; change {field}" in message
    assert "or set privilege.pod_security: privileged in the site file" in message
    for enough in ("privileged", None):
        assert messages(privilege_rules.site_pod_security, thing, at=limited(enough)) == []


@pytest.mark.parametrize(("path", "value", "field"), RESTRICTED)
def test_what_is_beyond_restricted_needs_baseline(path: str, value: Any, field: str) -> None:
    thing = pod({path: value})
    rule = privilege_rules.site_pod_security
    (message,) = messages(rule, thing, ALL_POWERS, limited("restricted"))
    assert f"the pod needs the level baseline of Pod Security ({field})" in message
    for enough in ("baseline", "privileged", None):
        assert messages(rule, thing, at=limited(enough)) == []


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("containers.0.securityContext.capabilities.add", ["NET_BIND_SERVICE"]),
        ("containers.0.securityContext.procMount", "Default"),
        ("containers.0.ports.0.hostPort", 0),
        ("volumes.0", {"name": "a", "csi": {"driver": "d"}}),
        ("volumes.0", {"name": "a"}),
        ("securityContext.seLinuxOptions", {"level": "s0:c1,c2", "type": "container_t"}),
        ("securityContext.appArmorProfile", {"type": "RuntimeDefault"}),
        *((path, UNKNOWN) for path in ("volumes", "securityContext", "containers")),
        ("containers.0.securityContext.capabilities", UNKNOWN),
    ],
)
def test_a_pod_that_keeps_to_restricted_passes(path: str, value: Any) -> None:
    thing = pod({path: value})
    assert messages(privilege_rules.site_pod_security, thing, at=limited("restricted")) == []


def test_a_pod_is_told_of_all_its_fields_at_once() -> None:
    spec = edited(POD, {"hostNetwork": True, "securityContext.runAsNonRoot": None})
    thing = workload("apps/v1", "Deployment", spec)
    (message,) = messages(privilege_rules.site_pod_security, thing, at=limited("restricted"))
    pod_path = "spec.template.spec"
    assert f"{pod_path}.hostNetwork, {pod_path}.securityContext.runAsNonRoot, or set" in message
    (message,) = messages(privilege_rules.site_pod_security, thing, at=limited("baseline"))
    assert "runAsNonRoot" not in message
