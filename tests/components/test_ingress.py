from __future__ import annotations

from collections import defaultdict

import pytest

from tests.components.recording import Recording, record_laboratory, site

BINDING_KINDS = {"Role": "RoleBinding", "ClusterRole": "ClusterRoleBinding"}


def arguments(recording: Recording) -> dict[str, str]:
    args = recording.one("Deployment", "traefik").container("traefik")["args"]
    return dict(argument.removeprefix("--").split("=", 1) for argument in args)


def readable(recording: Recording, kind: str) -> dict[str | None, set[str]]:
    """Return what Traefik may read, by namespace, following the bindings."""
    found: dict[str | None, set[str]] = defaultdict(set)
    for binding in recording.of(BINDING_KINDS[kind]):
        reference = binding.props["roleRef"]
        assert reference["kind"] == kind
        assert [subject["name"] for subject in binding.props["subjects"]] == ["traefik"]
        assert [subject["namespace"] for subject in binding.props["subjects"]] == ["ssl-ingress"]
        role = recording.one(kind, reference["name"], binding.namespace)
        for rule in role.props["rules"]:
            if "list" in rule["verbs"]:
                found[binding.namespace] |= set(rule["resources"])
    return found


def test_traefik_reads_the_namespaces_that_it_routes_to_and_no_others(local: Recording) -> None:
    watched = set(arguments(local)["providers.kubernetesingress.namespaces"].split(","))
    assert watched == {each.namespace for each in local.of("Ingress")}
    assert watched == {"ssl-object-storage", "fitting-service"}
    inside = readable(local, "Role")
    assert set(inside) == watched
    for resources in inside.values():
        # all five or nothing is routed: Traefik waits until it has listed every one of them
        assert resources == {"services", "secrets", "endpointslices", "ingresses"}


def test_traefik_reads_no_secret_of_the_cluster(local: Recording) -> None:
    assert readable(local, "ClusterRole") == {None: {"nodes", "ingressclasses"}}


def test_traefik_changes_nothing_but_the_status_of_a_route(local: Recording) -> None:
    changes = {
        (resource, verb)
        for kind in BINDING_KINDS
        for role in local.of(kind)
        for rule in role.props["rules"]
        for resource in rule["resources"]
        for verb in set(rule["verbs"]) - {"get", "list", "watch"}
    }
    assert changes == {("ingresses/status", "update")}


def test_traefik_starts_with_its_permissions(local: Recording) -> None:
    bindings = {each.urn for kind in BINDING_KINDS.values() for each in local.of(kind)}
    assert len(bindings) == 3
    assert bindings <= local.one("Deployment", "traefik").depends_on


def test_traefik_reports_to_nobody_and_shows_no_dashboard(local: Recording) -> None:
    args = arguments(local)
    assert args["global.checknewversion"] == "false"
    assert args["global.sendanonymoususage"] == "false"
    assert not [name for name in args if name.startswith("api")]
    assert args["metrics.prometheus"] == "true"


def test_traefik_listens_where_its_container_says(local: Recording) -> None:
    args = arguments(local)
    container = local.one("Deployment", "traefik").container("traefik")
    listening = {port["name"]: port["containerPort"] for port in container["ports"]}
    assert args["entrypoints.web.address"] == f":{listening['web']}"
    assert args["entrypoints.traefik.address"] == f":{listening['admin']}"
    assert min(listening.values()) > 1024  # ports below it need a capability


def test_the_site_names_the_class_the_domain_and_the_port() -> None:
    the_site = site(
        ingress={"kind": "traefik", "class_name": "campus", "domain": "ssl.example.edu"},
        load_balancing={"kind": "node-ports", "http": 31234},
    )
    recording = record_laboratory(the_site)
    assert recording.of("IngressClass")[0].metadata["name"] == "campus"
    assert arguments(recording)["providers.kubernetesingress.ingressclass"] == "campus"
    (port,) = recording.one("Service", "traefik").spec["ports"]
    assert (port["port"], port["nodePort"]) == (80, 31234)
    hosts = set()
    for each in recording.of("Ingress"):
        assert each.spec["ingressClassName"] == "campus"
        hosts |= {rule["host"] for rule in each.spec["rules"]}
    assert hosts == {"s3.ssl.example.edu", "fitting-service.ssl.example.edu"}


def test_routes_lead_to_services_that_are_there(local: Recording) -> None:
    ports = {
        (each.namespace, each.metadata["name"]): [port["port"] for port in each.spec["ports"]]
        for each in local.of("Service")
    }
    for each in local.of("Ingress"):
        (rule,) = each.spec["rules"]
        (path,) = rule["http"]["paths"]
        service = path["backend"]["service"]
        assert service["port"]["number"] in ports[(each.namespace, service["name"])]


def test_only_the_ingress_is_reached_from_outside(local: Recording) -> None:
    types = {each.name: each.spec.get("type", "ClusterIP") for each in local.of("Service")}
    assert types.pop("traefik") == "NodePort"
    assert set(types.values()) == {"ClusterIP"}


@pytest.mark.parametrize("patterns", [{}, {"z-peak": {}}])
def test_where_nothing_is_routed_traefik_does_not_watch_the_whole_cluster(
    patterns: dict[str, object],
) -> None:
    without = site(object_storage=None, patterns={}) if not patterns else site(patterns=patterns)
    watched = arguments(record_laboratory(without))["providers.kubernetesingress.namespaces"]
    assert watched == ("ssl-object-storage" if patterns else "ssl-ingress")
