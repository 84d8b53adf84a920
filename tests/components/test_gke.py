"""The cluster at Google on mocks: what of the site file becomes what there."""

from __future__ import annotations

import json
from typing import Any

import pulumi
import pytest

from components.cluster import KubernetesCluster, KubernetesClusterArgs
from components.clusters.making import MakingArgs, make_cluster
from policies.model import Resource
from policies.owners import grants_of, known_owners
from policies.rules import POLICIES
from sslab.catalogue.secrets import required_secrets
from sslab.site.model import Site
from tests.components.recording import (
    ROOT,
    Recorded,
    Recording,
    record,
    record_laboratory,
    site,
)
from tests.components.test_routes import CLASS

BUCKETS = ["fitting-service", "z-peak"]
POOLS = [
    {"name": "workers", "machine": "e2-standard-8", "least": 2, "most": 4, "disk": "99.5Gi"},
    {"name": "gpus", "machine": "n1-standard-8", "least": 0, "most": 3, "spot": True,
     "gpu": "nvidia-tesla-t4", "gpus": 2},
]  # fmt: skip
CLUSTER = {"kind": "gke", "project": "paying", "region": "europe-west1", "node_pools": POOLS}
FACTS: dict[str, Any] = {
    "cluster": CLUSTER,
    "load_balancing": {"kind": "cloud"},
    "object_storage": {"kind": "gcs", "prefix": "ssl-there-", "buckets": BUCKETS},
}
NETWORK, CLUSTERS = "gcp:compute/network:Network", "gcp:container/cluster:Cluster"


def there(**facts: Any) -> Site:
    return site(**{**FACTS, **facts})


def with_cluster(**fields: Any) -> Site:
    return there(cluster={**CLUSTER, **fields})


def of(recording: Recording, kind: str) -> list[Recorded]:
    return [each for each in recording if each.token.startswith("gcp:") and each.kind == kind]


@pytest.fixture(scope="module")
def recording() -> Recording:
    return record_laboratory(there())


def test_nodes_are_private_and_reach_the_outside_by_a_nat(recording: Recording) -> None:
    cluster = recording.token(CLUSTERS).props
    assert cluster["privateClusterConfig"]["enablePrivateNodes"] is True
    assert cluster["network"] == "ssl-local-id" == cluster["subnetwork"]
    (nat,) = of(recording, "RouterNat")
    assert nat.props["router"] == "ssl-local"
    (subnetwork,) = of(recording, "Subnetwork")
    ranges = {each["rangeName"]: each for each in subnetwork.props["secondaryIpRanges"]}
    assert ranges["pods"]["ipCidrRange"] == "10.8.0.0/14"
    assert ranges["services"]["ipCidrRange"] == "10.12.0.0/20"
    assert cluster["ipAllocationPolicy"] == {
        "clusterSecondaryRangeName": "pods",
        "servicesSecondaryRangeName": "services",
    }


def test_the_network_of_the_nodes_is_the_site_files() -> None:
    recording = record_laboratory(there(cni={"node_network": "10.99.0.0/24"}))
    (subnetwork,) = of(recording, "Subnetwork")
    assert subnetwork.props["ipCidrRange"] == "10.99.0.0/24"


def test_only_the_networks_of_the_site_file_reach_the_api_server() -> None:
    recording = record_laboratory(with_cluster(api_networks=["192.0.2.0/24", "198.51.100.0/24"]))
    allowed = recording.token(CLUSTERS).props["masterAuthorizedNetworksConfig"]["cidrBlocks"]
    assert [each["cidrBlock"] for each in allowed] == ["192.0.2.0/24", "198.51.100.0/24"]


def test_pods_have_accounts_of_their_own_and_nodes_one_with_few_rights(
    recording: Recording,
) -> None:
    pool = recording.token(CLUSTERS).props["workloadIdentityConfig"]["workloadPool"]
    assert pool == "paying.svc.id.goog"
    for each in of(recording, "NodePool"):
        node = each.props["nodeConfig"]
        assert node["workloadMetadataConfig"] == {"mode": "GKE_METADATA"}
        assert node["shieldedInstanceConfig"]["enableSecureBoot"] is True
    rights = {each.props["role"] for each in of(recording, "IAMMember")}
    assert rights == {
        "roles/container.defaultNodeServiceAccount",
        "roles/artifactregistry.reader",
    }


def test_pools_grow_between_the_bounds_of_the_site_file(recording: Recording) -> None:
    pools = {each.props["name"]: each.props for each in of(recording, "NodePool")}
    assert pools["workers"]["autoscaling"] == {
        "locationPolicy": "BALANCED",
        "totalMinNodeCount": 2,
        "totalMaxNodeCount": 4,
    }
    assert pools["gpus"]["autoscaling"]["locationPolicy"] == "ANY"
    assert pools["workers"]["initialNodeCount"] == 1
    assert pools["gpus"]["initialNodeCount"] == 0
    assert pools["workers"]["nodeConfig"]["diskSizeGb"] == 100
    assert "diskSizeGb" not in pools["gpus"]["nodeConfig"]


def test_a_pool_with_accelerators_gets_them_with_their_driver(recording: Recording) -> None:
    pools = {each.props["name"]: each.props["nodeConfig"] for each in of(recording, "NodePool")}
    assert pools["gpus"]["spot"] is True
    assert pools["gpus"]["guestAccelerators"] == [
        {
            "type": "nvidia-tesla-t4",
            "count": 2,
            "gpuDriverInstallationConfig": {"gpuDriverVersion": "DEFAULT"},
        }
    ]
    assert "guestAccelerators" not in pools["workers"]


def test_each_bucket_opens_by_its_own_keys_alone(recording: Recording) -> None:
    made = {each.name: each.props for each in of(recording, "Bucket")}
    assert {name: props["name"] for name, props in made.items()} == {
        name: f"ssl-there-{name}" for name in BUCKETS
    }
    for props in made.values():
        assert props["publicAccessPrevention"] == "enforced"
        assert props["forceDestroy"] is False
    rights = {each.props["bucket"] for each in of(recording, "BucketIAMMember")}
    assert rights == {f"ssl-there-{name}" for name in BUCKETS}
    accounts = {each.name: each.props["accountId"] for each in of(recording, "Account")}
    assert accounts == {
        "ssl-local-nodes": "ssl-local-nodes",
        "fitting-service": "ssl-local-fitting-service",
        "z-peak": "ssl-local-z-peak",
    }
    assert len(of(recording, "HmacKey")) == 2


def test_the_keys_of_the_cloud_need_not_be_given() -> None:
    assert required_secrets(there(), {}) == ()
    elsewhere = there(cluster={"kind": "existing", "context": "campus"})
    assert len(required_secrets(elsewhere, {})) == 4


def test_the_patterns_get_the_keys_that_the_cloud_makes(recording: Recording) -> None:
    secrets = recording.of("Secret")
    assert {each.metadata["name"] for each in secrets} == {"fitting-service-s3", "z-peak-s3"}
    keys = {each.urn for each in of(recording, "HmacKey")}
    for each in secrets:
        assert each.depends_on & keys
        assert "stringData" in each.secrets


def test_the_balancer_gets_an_address_that_stays(recording: Recording) -> None:
    (address,) = of(recording, "Address")
    assert address.props["region"] == "europe-west1"
    assert address.urn in recording.one("Service", "traefik").depends_on


def test_an_address_that_the_site_has_reserved_is_used() -> None:
    recording = record_laboratory(there(load_balancing={"kind": "cloud", "address": "192.0.2.10"}))
    assert of(recording, "Address") == []
    assert recording.one("Service", "traefik").spec["loadBalancerIP"] == "192.0.2.10"


def test_without_an_ingress_of_ours_no_address_is_paid_for() -> None:
    assert of(record_laboratory(there(ingress=CLASS)), "Address") == []


def test_names_lead_to_the_address_where_the_zone_is_known(recording: Recording) -> None:
    assert of(recording, "RecordSet") == []
    (record,) = of(record_laboratory(with_cluster(dns_zone="campus")), "RecordSet")
    assert record.props["name"] == "*.ssl.localhost."
    assert record.props["managedZone"] == "campus"


def window(day: str, start: str, zone: str) -> dict[str, Any]:
    return {"day": day, "start": start, "hours": 6, "time_zone": zone}


@pytest.mark.parametrize(
    ("windows", "recurring"),
    [
        (
            [window("thursday", "08:00", "America/Chicago"),
             window("tuesday", "08:00", "America/Chicago")],
            ("2026-01-06T14:00:00Z", "2026-01-06T20:00:00Z", "FREQ=WEEKLY;BYDAY=TU,TH"),
        ),
        (  # the evening there is another day in UTC
            [window("sunday", "22:30", "America/Los_Angeles"),
             window("monday", "22:30", "America/Los_Angeles")],
            ("2026-01-06T06:30:00Z", "2026-01-06T12:30:00Z", "FREQ=WEEKLY;BYDAY=TU,MO"),
        ),
    ],
)  # fmt: skip
def test_google_upgrades_the_cluster_when_the_site_says(
    windows: list[dict[str, Any]], recurring: tuple[str, str, str]
) -> None:
    recording = record_laboratory(there(maintenance_windows=windows))
    policy = recording.token(CLUSTERS).props["maintenancePolicy"]
    names = ("startTime", "endTime", "recurrence")
    assert policy == {"recurringWindow": dict(zip(names, recurring, strict=True))}


def test_without_windows_google_chooses(recording: Recording) -> None:
    assert "maintenancePolicy" not in recording.token(CLUSTERS).props


@pytest.mark.parametrize(
    ("region", "tier"), [("europe-west1", "REGIONAL"), ("europe-west1-b", "ZONAL")]
)
def test_a_file_server_is_made_where_it_is_asked_for(region: str, tier: str) -> None:
    recording = record_laboratory(with_cluster(region=region, filestore="1Ti"))
    server = recording.token("gcp:filestore/instance:Instance").props
    assert (server["tier"], server["location"]) == (tier, region)
    assert server["fileShares"] == {"name": "ssl", "capacityGb": 1024}
    assert server["networks"] == [{"modes": ["MODE_IPV4"], "network": "ssl-local"}]
    (subnetwork,) = of(recording, "Subnetwork")
    assert subnetwork.props["region"] == "europe-west1"


def test_the_kubeconfig_is_made_of_the_cluster_and_is_secret(recording: Recording) -> None:
    provider = recording.token("pulumi:providers:kubernetes")
    assert "kubeconfig" in provider.secrets
    assert "context" not in provider.props
    (user,) = json.loads(provider.props["kubeconfig"])["users"]
    assert user["user"]["exec"]["command"] == "gke-gcloud-auth-plugin"
    pools = {each.urn for each in of(recording, "NodePool")}
    assert pools <= provider.depends_on, "no object goes to a cluster without nodes"


def test_a_kubeconfig_that_is_given_takes_its_place() -> None:
    def program() -> None:
        given = pulumi.Output.secret("/given/kubeconfig")
        made = make_cluster(
            MakingArgs(site=there(), secrets={}, kubeconfig=given), pulumi.ResourceOptions()
        )
        assert made is not None
        KubernetesCluster(
            "cluster", KubernetesClusterArgs(kubeconfig=made.kubeconfig, context=None)
        )

    recording = record(program)
    assert recording.token("pulumi:providers:kubernetes").props["kubeconfig"] == "/given/kubeconfig"
    assert len(of(recording, "Cluster")) == 1


def test_everything_goes_to_the_project_by_the_components_own_provider(
    recording: Recording,
) -> None:
    provider = recording.token("pulumi:providers:gcp")
    assert provider.props["project"] == "paying"
    made = [each for each in recording if each.token.startswith("gcp:")]
    assert len(made) == 19
    for each in made:
        assert each.provider.startswith(f"{provider.urn}::"), each.urn
        assert "ssl:components:GkeCluster$gcp:" in each.urn


def test_no_object_breaks_a_policy(recording: Recording) -> None:
    the_site = there()
    grants = grants_of(ROOT, known_owners(ROOT), the_site)
    found = [
        f"{each.urn}: {policy.id}: {violation}"
        for each in recording.objects()
        for policy in POLICIES
        if policy.severity == "mandatory"
        for violation in policy.rule(
            Resource(each.token, each.name, each.urn, each.props),
            grants(each.urn),
        )
    ]
    assert found == []
