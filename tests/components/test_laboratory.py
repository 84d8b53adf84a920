from __future__ import annotations

import re
from fractions import Fraction
from typing import Any

import pytest

from policies.model import Resource
from policies.owners import grants_of, known_owners
from policies.rules import POLICIES
from sslab.catalogue.quantity import parse_quantity
from sslab.errors import SslabError
from tests.components.recording import (
    ROOT,
    Recorded,
    Recording,
    record_laboratory,
    secret_values,
    site,
)
from tests.components.test_object_storage import GCS
from tests.components.test_routes import CLASS, GATEWAY, SECRET, TRAEFIK

TENANT = {"scope": "namespace", "namespaces": ["given"]}
CLUSTER_SCOPED = {"Namespace", "ClusterRole", "ClusterRoleBinding", "IngressClass"}


def copies(each: Recorded) -> int:
    replicas = each.spec.get("replicas", 1)
    assert isinstance(replicas, int)
    return replicas


def test_it_is_made_of_the_layers_and_patterns_of_the_site(local: Recording) -> None:
    tokens = {each.token for each in local if each.token.startswith("ssl:")}
    assert tokens == {
        *(
            f"ssl:components:{kind}"
            for kind in (
                "Laboratory",
                "KubernetesCluster",
                "Namespaces",
                "Storage",
                "LoadBalancing",
                "Ingress",
                "ObjectStorage",
            )
        ),
        "ssl:patterns:FittingService",
        "ssl:patterns:ZPeak",
    }


def test_every_object_belongs_to_a_component_and_goes_to_the_sites_cluster(
    local: Recording,
) -> None:
    provider = local.token("pulumi:providers:kubernetes")
    assert provider.props["kubeconfig"] == "/somewhere/kubeconfig"
    assert provider.props["context"] == "some-context"
    for each in local.objects():
        assert re.search(r"\$ssl:(components|patterns):\w+\$kubernetes:", each.urn), each.urn
        assert each.provider.startswith(f"{provider.urn}::"), each.urn


def test_every_object_has_a_name_and_a_namespace_of_its_own(local: Recording) -> None:
    names = [(each.kind, each.namespace, each.metadata.get("name")) for each in local.objects()]
    assert all(name for _, _, name in names)
    assert len(set(names)) == len(names)
    made = {each.metadata["name"] for each in local.of("Namespace")}
    for kind, namespace, name in names:
        if kind in CLUSTER_SCOPED:
            assert namespace is None, (kind, name)
        else:
            assert namespace in made, (kind, name)


@pytest.mark.parametrize(
    "facts",
    [
        {},
        {"rules": {"limits_over_requests_percent": 20}},
        {"ingress": {**TRAEFIK, "tls": SECRET}},
        {"load_balancing": {"kind": "metallb", "pool": ["192.0.2.0/28"]}},
        {"ingress": GATEWAY, "object_storage": GCS},
        {"ingress": CLASS, "privilege": TENANT},
        {"ingress": GATEWAY, "privilege": {**TENANT, "pod_security": "restricted"}},
    ],
)
def test_no_object_breaks_a_policy(facts: dict[str, Any]) -> None:
    the_site = site(**facts)
    grants = grants_of(ROOT, known_owners(ROOT), the_site)
    found = [
        f"{each.urn}: {policy.id}: {violation}"
        for each in record_laboratory(the_site).objects()
        for policy in POLICIES
        if policy.severity == "mandatory"
        for violation in policy.rule(
            Resource(each.token, each.name, each.urn, each.props),
            grants(each.urn),
        )
    ]
    assert found == []


def test_every_container_can_write_to_tmp_alone_as_an_ordinary_user(local: Recording) -> None:
    pods = local.pods()
    assert len(pods) == 4
    for each in pods:
        assert each.pod["securityContext"] == {
            "fsGroup": 65532,
            "runAsGroup": 65532,
            "runAsNonRoot": True,
            "runAsUser": 65532,
            "seccompProfile": {"type": "RuntimeDefault"},
        }
        volumes = {volume["name"]: volume for volume in each.pod["volumes"]}
        assert "emptyDir" in volumes["tmp"]
        for container in each.pod["containers"]:
            assert container["securityContext"]["readOnlyRootFilesystem"] is True
            assert container["securityContext"]["capabilities"] == {"drop": ["ALL"]}
            assert container["imagePullPolicy"] == "IfNotPresent"
            mounted = {mount["name"]: mount["mountPath"] for mount in container["volumeMounts"]}
            assert mounted["tmp"] == "/tmp"
            assert set(mounted) <= set(volumes)


def test_only_the_ingress_talks_to_the_kubernetes_api(local: Recording) -> None:
    tokens = {each.name: each.pod["automountServiceAccountToken"] for each in local.pods()}
    assert tokens.pop("traefik") is True
    assert set(tokens.values()) == {False}
    assert local.one("Deployment", "traefik").pod["serviceAccountName"] == "traefik"


def test_services_find_pods_and_their_ports(local: Recording) -> None:
    services = local.of("Service")
    assert {each.name for each in services} == {"traefik", "object-storage", "fitting-service"}
    for service in services:
        found = [
            each
            for each in local.pods()
            if each.namespace == service.namespace
            and service.spec["selector"].items() <= each.template["metadata"]["labels"].items()
        ]
        assert len(found) == 1, service.urn
        listening = {
            port["containerPort"]
            for container in found[0].pod["containers"]
            for port in container["ports"]
        }
        assert {port["targetPort"] for port in service.spec["ports"]} <= listening


def test_controllers_select_the_pods_that_they_make(local: Recording) -> None:
    for each in [*local.of("Deployment"), *local.of("StatefulSet")]:
        wanted = each.spec["selector"]["matchLabels"].items()
        assert wanted <= each.template["metadata"]["labels"].items()
        assert wanted


def test_probes_ask_ports_that_are_open(local: Recording) -> None:
    asked = 0
    for each in local.pods():
        for container in each.pod["containers"]:
            listening = {port["containerPort"] for port in container["ports"]}
            for probe in ("readinessProbe", "livenessProbe"):
                if probe in container:
                    asked += 1
                    assert container[probe]["httpGet"]["port"] in listening
    assert asked == 7


def test_pods_fit_into_the_share_of_their_namespace(local: Recording) -> None:
    hard = {each.namespace: each.spec["hard"] for each in local.of("ResourceQuota")}
    for each in local.pods():
        for unit in ("cpu", "memory"):
            requested = copies(each) * sum(
                parse_quantity(container["resources"]["requests"][unit])
                for container in each.pod["containers"]
            )
            assert requested <= parse_quantity(hard[each.namespace][f"requests.{unit}"])
    for claim in local.of("PersistentVolumeClaim"):
        size = claim.spec["resources"]["requests"]["storage"]
        assert parse_quantity(hard[claim.namespace]["requests.storage"]) == parse_quantity(size)


def test_all_shares_together_are_the_sites_quota_or_less(local: Recording) -> None:
    quota, storage = site().quota, site().storage
    assert quota is not None
    assert storage is not None
    for key, offered in (
        ("requests.cpu", quota.cpu),
        ("requests.memory", quota.memory),
        ("requests.storage", storage.capacity),
    ):
        given = [parse_quantity(each.spec["hard"][key]) for each in local.of("ResourceQuota")]
        assert Fraction(0) < sum(given) <= parse_quantity(offered)
    pods = {each.spec["hard"]["pods"] for each in local.of("ResourceQuota")}
    assert pods == {str(quota.pods)}


def test_a_site_without_object_storage_has_no_trace_of_it() -> None:
    recording = record_laboratory(site(object_storage=None, patterns={}))
    assert recording.of("Secret") == []
    assert recording.of("StatefulSet") == []
    assert [each.metadata["name"] for each in recording.of("Namespace")] == ["ssl-ingress"]


def test_secrets_are_secret_in_state_and_stand_nowhere_else(local: Recording) -> None:
    values = secret_values(site()).values()
    secrets = local.of("Secret")
    assert {each.metadata["name"] for each in secrets} == {
        "object-storage",
        "fitting-service-s3",
        "z-peak-s3",
    }
    for each in secrets:
        assert "stringData" in each.secrets
    for each in local:
        if each.kind != "Secret":
            assert not [value for value in values if value in str(each.props)], each.urn


def test_a_secret_hides_nothing_else_from_the_plan(local: Recording) -> None:
    for each in local.pods():
        assert each.secrets == set(), each.urn


@pytest.mark.parametrize(
    ("quota", "field", "least"),
    [
        ({"cpu": "500m", "memory": "6Gi", "pods": 5}, "quota.cpu: 500m ", "700m"),
        ({"cpu": "4", "memory": "2Gi", "pods": 5}, "quota.memory: 2Gi ", "3Gi"),
    ],
)
def test_a_quota_below_the_needs_is_refused_by_its_field(
    quota: dict[str, object], field: str, least: str
) -> None:
    with pytest.raises(SslabError) as refusal:
        record_laboratory(site(quota=quota))
    assert str(refusal.value).startswith(f"sites/local.yaml: {field}")
    assert f"at least {least}" in str(refusal.value)
