"""What reaches beyond the laboratory's own pods and namespaces."""

from __future__ import annotations

from typing import Any

import pytest

from sslab.plan import powers
from sslab.plan.model import Power, Powers
from sslab.plan.powers import against, taken
from tests.unit.plan.cases import CONFIG_MAP, DEPLOYMENT, SECRET, SERVICE, pod, resource

ROLE = "kubernetes:rbac.authorization.k8s.io/v1:ClusterRole"


def found(*resources: Any) -> set[tuple[str, str]]:
    return {(power.kind, power.what) for power in taken(resources, {}) if power.kind != "images"}


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        (pod({"name": "a"}), set()),
        (pod({"name": "a", "securityContext": {"privileged": True}}),
         {(powers.PRIVILEGED, "container a")}),
        (pod({"name": "a", "securityContext": {"capabilities": {"add": ["NET_RAW"]}}}),
         {(powers.CAPABILITY, "NET_RAW of container a")}),
        (pod({"name": "a", "securityContext": {"runAsUser": 0}}), {(powers.ROOT, "container a")}),
        (pod({"name": "a"}, securityContext={"runAsUser": 0}), {(powers.ROOT, "container a")}),
        (pod({"name": "a", "securityContext": {"runAsUser": 1}}, securityContext={"runAsUser": 0}),
         set()),
        (pod({"name": "a"}, hostNetwork=True, hostPID=True),
         {(powers.HOST, "hostNetwork"), (powers.HOST, "hostPID")}),
        (pod({"name": "a", "ports": [{"containerPort": 1, "hostPort": 80}]}),
         {(powers.HOST, "port 80")}),
        (pod({"name": "a"}, volumes=[{"name": "v", "hostPath": {"path": "/var"}}]),
         {(powers.PATH, "/var")}),
        (pod(initContainers=[{"name": "i", "securityContext": {"privileged": True}}]),
         {(powers.PRIVILEGED, "container i")}),
    ],
)  # fmt: skip
def test_powers_of_pods(spec: dict[str, Any], expected: set[tuple[str, str]]) -> None:
    assert found(resource(DEPLOYMENT, spec=spec)) == expected


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        (resource(ROLE, "reader", namespace=None), {(powers.SCOPE, "ClusterRole reader")}),
        (resource("kubernetes:example.org/v1:Own", namespace=None), {(powers.SCOPE, "Own web")}),
        (resource(SERVICE, spec={"type": "ClusterIP"}), set()),
        (resource(SERVICE, spec={"type": "NodePort", "ports": [{"port": 80, "nodePort": 30080}]}),
         {(powers.ADDRESS, "NodePort, ports 30080")}),
        (resource(SERVICE, spec={"type": "LoadBalancer", "loadBalancerIP": "192.0.2.1",
                                 "ports": [{"port": 80}], "externalIPs": ["192.0.2.2"]}),
         {(powers.ADDRESS, "LoadBalancer at 192.0.2.1, ports 80"),
          (powers.ADDRESS, "external address 192.0.2.2")}),
        (resource(SERVICE, spec={"type": "LoadBalancer"},
                  metadata={"name": "a", "annotations": {"metallb.io/loadBalancerIPs": "192.0.2.3",
                                                         "other": "x"}}),
         {(powers.ADDRESS, "LoadBalancer, ports -"),
          (powers.ADDRESS, "metallb.io/loadBalancerIPs: 192.0.2.3")}),
        (resource("kubernetes:metallb.io/v1beta1:IPAddressPool", spec={"addresses": ["a-b"]}),
         {(powers.ADDRESS, "MetalLB pool a-b")}),
        (resource(SECRET, "keys", stringData={"b": "(secret)", "a": "(secret)"}),
         {(powers.SECRET, "ns/keys: a, b")}),
        (resource(SECRET, "keys", data="(secret)"), {(powers.SECRET, "ns/keys: -")}),
        (resource(CONFIG_MAP), set()),
        (resource("kubernetes:core/v1:PersistentVolume", namespace=None,
                  spec={"local": {"path": "/disk"}}),
         {(powers.SCOPE, "PersistentVolume web"), (powers.PATH, "/disk")}),
        (resource("kubernetes:helm.sh/v4:Chart", custom=False, chart="reana", version="0.9.3",
                  repositoryOpts={"repo": "https://reanahub.github.io/reana"}),
         {(powers.CHART, "reana of https://reanahub.github.io/reana, version 0.9.3, no digest")}),
        (resource("kubernetes:helm.sh/v4:Chart", chart="oci://a/b@sha256:00", version="1"),
         {(powers.CHART, "oci://a/b@sha256:00, version 1")}),
    ],
)  # fmt: skip
def test_powers_of_objects(made: Any, expected: set[tuple[str, str]]) -> None:
    assert found(made) == expected


def test_images_and_hosts_say_who_needs_them() -> None:
    pods = resource(DEPLOYMENT, spec=pod({"name": "a", "image": "x@sha256:1"}))
    assert taken([pods], {"data.example.edu": ["z", "b"]}) == (
        Power(powers.EGRESS, "data.example.edu", "b, z"),
        Power(powers.IMAGE, "x@sha256:1", "Deployment ns/web"),
    )


def test_a_cluster_wide_object_says_which_layer_makes_it() -> None:
    (power,) = taken(
        [resource(ROLE, "r", namespace=None, parent="a:b:C$ssl:components:Ingress")], {}
    )
    assert power.who == "Ingress"
    (outside,) = taken([resource(ROLE, "r", namespace=None, parent="")], {})
    assert outside.who == ""


def test_a_change_adds_powers_and_gives_them_up() -> None:
    a, b, c = (Power(powers.PATH, each, "x") for each in "abc")
    assert against([a, b], [b, c]) == Powers((b, c), (c,), (a,))
    assert against(None, [a]) == Powers((a,))
