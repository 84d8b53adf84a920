"""How services are routed and reached, for each kind of ingress and of load balancing."""

from __future__ import annotations

from typing import Any

import pytest

from tests.components.recording import Recorded, Recording, record_laboratory, site

DOMAIN = "ssl.example.edu"
TRAEFIK = {"kind": "traefik", "domain": DOMAIN}
CLASS = {"kind": "class", "class_name": "haproxy", "domain": DOMAIN}
GATEWAY = {"kind": "gateway", "gateway": "gateways/public", "domain": DOMAIN}
SECRET = {"kind": "secret", "secret": "wildcard"}
ISSUER = {"kind": "issuer", "issuer": "letsencrypt"}
SERVICES = {"s3": ("object-storage", 8333), "fitting-service": ("fitting-service", 8080)}


def service(recording: Recording) -> Recorded:
    return recording.one("Service", "traefik")


def arguments(recording: Recording) -> dict[str, str]:
    args = recording.one("Deployment", "traefik").container("traefik")["args"]
    return dict(argument.removeprefix("--").split("=", 1) for argument in args)


def without_controller(recording: Recording) -> None:
    assert recording.of("IngressClass") == recording.of("ClusterRole") == recording.of("Role") == []
    assert "traefik" not in {each.name for each in recording.objects()}
    assert "ssl-ingress" not in {each.name for each in recording.of("Namespace")}
    assert not [each for each in recording if each.token == "ssl:components:LoadBalancing"]


def test_an_ingress_class_of_the_site_gets_routes_and_no_controller() -> None:
    recording = record_laboratory(site(ingress=CLASS))
    without_controller(recording)
    routes = recording.of("Ingress")
    assert {each.name for each in routes} == set(SERVICES)
    for each in routes:
        assert each.spec["ingressClassName"] == "haproxy"
        assert "tls" not in each.spec
        assert [rule["host"] for rule in each.spec["rules"]] == [f"{each.name}.{DOMAIN}"]


def test_a_gateway_of_the_site_gets_routes_attached() -> None:
    recording = record_laboratory(site(ingress={**GATEWAY, "tls": SECRET}))
    without_controller(recording)
    assert recording.of("Ingress") == []
    routes = {each.name: each for each in recording.of("HTTPRoute")}
    for name, (backend, port) in SERVICES.items():
        each = routes.pop(name)
        assert each.token == "kubernetes:gateway.networking.k8s.io/v1:HTTPRoute"
        assert each.props["apiVersion"] == "gateway.networking.k8s.io/v1"
        assert recording.one("Service", backend).namespace == each.namespace
        assert each.spec == {
            "parentRefs": [{"namespace": "gateways", "name": "public"}],
            "hostnames": [f"{name}.{DOMAIN}"],
            "rules": [{"backendRefs": [{"name": backend, "port": port}]}],
        }
    assert routes == {}


@pytest.mark.parametrize("none", [None, {"kind": "none"}])
def test_without_ingress_everything_stays_inside(none: Any) -> None:
    recording = record_laboratory(site(ingress=none))
    without_controller(recording)
    assert recording.of("Ingress") == recording.of("HTTPRoute") == []
    assert {each.spec.get("type", "ClusterIP") for each in recording.of("Service")} == {"ClusterIP"}
    assert recording.one("Deployment", "fitting-service")


@pytest.mark.parametrize("ingress", [TRAEFIK, CLASS])
def test_a_certificate_that_is_there_serves_every_route(ingress: dict[str, Any]) -> None:
    recording = record_laboratory(site(ingress={**ingress, "tls": SECRET}))
    for each in recording.of("Ingress"):
        assert each.spec["tls"] == [{"hosts": [f"{each.name}.{DOMAIN}"], "secretName": "wildcard"}]
        assert set(each.metadata["annotations"]) == {"pulumi.com/skipAwait"}


@pytest.mark.parametrize(
    ("scope", "annotation"),
    [("cluster", "cert-manager.io/cluster-issuer"), ("namespace", "cert-manager.io/issuer")],
)
def test_an_issuer_makes_a_certificate_for_each_route(scope: str, annotation: str) -> None:
    tls = {**ISSUER, "scope": scope}
    recording = record_laboratory(site(ingress={**CLASS, "tls": tls}))
    routes = recording.of("Ingress")
    assert len(routes) == 2
    for each in routes:
        host = f"{each.name}.{DOMAIN}"
        assert each.spec["tls"] == [{"hosts": [host], "secretName": f"{each.name}-tls"}]
        annotations = each.metadata["annotations"]
        assert {key: annotations[key] for key in annotations if "cert-manager" in key} == {
            annotation: "letsencrypt"
        }


def test_traefik_encrypts_and_sends_plain_requests_to_the_encrypted_port() -> None:
    recording = record_laboratory(site(ingress={**TRAEFIK, "tls": SECRET, "port": 8444}))
    args = arguments(recording)
    assert args["entrypoints.websecure.address"] == ":8443"
    assert args["entrypoints.websecure.http.tls"] == "true"
    assert args["entrypoints.web.http.redirections.entrypoint.to"] == ":8444"
    assert args["entrypoints.web.http.redirections.entrypoint.scheme"] == "https"
    container = recording.one("Deployment", "traefik").container("traefik")
    listening = {port["name"]: port["containerPort"] for port in container["ports"]}
    assert listening == {"web": 8000, "websecure": 8443, "admin": 8080}
    ports = [
        (port["name"], port["port"], port["targetPort"], port["nodePort"])
        for port in service(recording).spec["ports"]
    ]
    assert ports == [("web", 80, 8000, 30080), ("websecure", 443, 8443, 30443)]


def test_traefik_without_certificates_has_no_encrypted_port(local: Recording) -> None:
    assert not [name for name in arguments(local) if "websecure" in name or "redirect" in name]
    assert [port["port"] for port in service(local).spec["ports"]] == [80]


@pytest.mark.parametrize(
    ("balancing", "type_", "address", "annotations"),
    [
        ({"kind": "node-ports"}, "NodePort", None, None),
        ({"kind": "cloud"}, "LoadBalancer", None, None),
        ({"kind": "cloud", "address": "192.0.2.10"}, "LoadBalancer", "192.0.2.10", None),
        ({"kind": "octavia"}, "LoadBalancer", None, None),
        (
            {"kind": "octavia", "address": "192.0.2.10"},
            "LoadBalancer",
            "192.0.2.10",
            {"loadbalancer.openstack.org/keep-floatingip": "true"},
        ),
        (
            {"kind": "metallb", "pool": ["192.0.2.0/28"]},
            "LoadBalancer",
            None,
            {"pulumi.com/timeoutSeconds": "60"},
        ),
        (
            {"kind": "metallb", "pool": ["192.0.2.0/28"], "address": "192.0.2.10"},
            "LoadBalancer",
            None,
            {"metallb.io/loadBalancerIPs": "192.0.2.10", "pulumi.com/timeoutSeconds": "60"},
        ),
        ({"kind": "none"}, "ClusterIP", None, None),
        (None, "ClusterIP", None, None),
    ],
)
def test_the_service_of_traefik_is_what_the_site_can_balance(
    balancing: dict[str, Any] | None,
    type_: str,
    address: str | None,
    annotations: dict[str, str] | None,
) -> None:
    found = service(record_laboratory(site(load_balancing=balancing)))
    assert found.spec["type"] == type_
    assert found.spec.get("loadBalancerIP") == address
    assert found.metadata.get("annotations") == annotations  # Pulumi waits for an address
    has_node_port = "nodePort" in found.spec["ports"][0]
    assert has_node_port is (type_ == "NodePort")
