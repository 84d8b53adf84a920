"""The cluster on OpenStack on mocks: Magnum's, and instances with k3s."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
import yaml

from sslab.catalogue.secrets import required_secrets
from sslab.engine.credentials import made
from sslab.site.model import Site
from tests.components.recording import (
    Recorded,
    Recording,
    record_laboratory,
    secret_values,
    site,
)
from tests.components.test_routes import CLASS, SECRET, TRAEFIK

POOLS = [
    {"name": "workers", "machine": "m1.xlarge", "least": 2, "most": 3},
    {"name": "large", "machine": "m1.huge", "least": 1, "most": 5},
]
K3S = {
    "kind": "openstack", "cloud": "campus", "method": "k3s", "image": "ubuntu-24.04",
    "external_network": "public", "control_plane": "m1.medium", "node_pools": POOLS,
}  # fmt: skip
MAGNUM = {**K3S, "method": "magnum", "image": None, "template": "kubernetes-v1.34"}
SWIFT = {
    "kind": "swift",
    "endpoint": "https://swift.example.edu",
    "buckets": ["fitting-service", "z-peak"],
}
PORTS = {"kind": "node-ports", "http": 30081, "https": 30444}
OCTAVIA = {"kind": "octavia"}
INSTANCE = "openstack:compute/instance:Instance"
SERVER_TLS = "/var/lib/rancher/k3s/server/tls/server-ca"


def there(cluster: dict[str, Any] = K3S, **facts: Any) -> Site:
    return site(cluster=cluster, **{"load_balancing": PORTS, **facts})


def record_there(the_site: Site) -> Recording:
    values = secret_values(the_site)
    for spec in required_secrets(the_site, {}):
        if spec.key == "k3s-authority" and spec.recipe is not None:
            values[spec.key] = made(spec.recipe)
    return record_laboratory(the_site, secrets=values)


def of(recording: Recording, kind: str) -> list[Recorded]:
    return [each for each in recording if each.token.startswith("openstack:") and each.kind == kind]


def files(instance: Recorded) -> dict[str, str]:
    document = yaml.safe_load(instance.props["userData"])
    return {each["path"]: each["content"] for each in document["write_files"]}


@pytest.fixture(scope="module")
def k3s() -> Recording:
    return record_there(there())


@pytest.fixture(scope="module")
def magnum() -> Recording:
    return record_there(there(MAGNUM))


@pytest.mark.parametrize("cluster", [K3S, MAGNUM])
def test_the_nodes_network_has_a_way_out(cluster: dict[str, Any]) -> None:
    recording = record_there(there(cluster, cni={"node_network": "10.99.0.0/24"}))
    (subnet,) = of(recording, "Subnet")
    assert subnet.props["cidr"] == "10.99.0.0/24"
    (router,) = of(recording, "Router")
    assert router.props["externalNetworkId"] == "public"
    (interface,) = of(recording, "RouterInterface")
    assert interface.props == {"routerId": "ssl-local-id", "subnetId": "ssl-local-id"}
    for each in (*of(recording, "Instance"), *of(recording, "Cluster")):
        assert interface.urn in each.depends_on


def test_everything_goes_to_the_cloud_by_the_components_own_provider(k3s: Recording) -> None:
    provider = k3s.token("pulumi:providers:openstack")
    assert provider.props["cloud"] == "campus"
    for each in k3s:
        if each.token.startswith("openstack:"):
            assert each.provider.startswith(f"{provider.urn}::"), each.urn
            assert "ssl:components:OpenStackCluster$openstack:" in each.urn


def test_instances_are_the_control_plane_and_the_least_of_each_pool(k3s: Recording) -> None:
    instances = {each.name: each.props for each in of(k3s, "Instance")}
    assert {name: props["flavorName"] for name, props in instances.items()} == {
        "ssl-local-control-plane": "m1.medium",
        "ssl-local-workers-0": "m1.xlarge",
        "ssl-local-workers-1": "m1.xlarge",
        "ssl-local-large-0": "m1.huge",
    }
    for props in instances.values():
        assert props["imageName"] == "ubuntu-24.04"
        assert "keyPair" not in props


def doors(recording: Recording) -> set[tuple[Any, ...]]:
    return {
        (rule.props.get("portRangeMin"), rule.props.get("remoteIpPrefix"))
        for rule in of(recording, "SecGroupRule")
    }


def test_only_the_api_server_and_the_ingress_are_open_to_the_outside(k3s: Recording) -> None:
    anywhere = "0.0.0.0/0"
    assert doors(k3s) == {(None, None), (6443, anywhere), (30081, anywhere)}
    (among,) = [each for each in of(k3s, "SecGroupRule") if "remoteGroupId" in each.props]
    assert among.props["remoteGroupId"] == "ssl-local-id"


def test_networks_of_the_site_file_bound_who_reaches_nodes() -> None:
    known = {**K3S, "api_networks": ["192.0.2.0/24", "2001:db8::/32"], "key_pair": "mine"}
    recording = record_there(there(known, ingress={**TRAEFIK, "tls": SECRET}))
    assert doors(recording) == {
        (None, None),
        (6443, "192.0.2.0/24"), (6443, "2001:db8::/32"),
        (22, "192.0.2.0/24"), (22, "2001:db8::/32"),
        (30081, "0.0.0.0/0"), (30444, "0.0.0.0/0"),
    }  # fmt: skip
    for rule in of(recording, "SecGroupRule"):
        is_ipv6 = ":" in rule.props.get("remoteIpPrefix", "")
        assert rule.props["ethertype"] == ("IPv6" if is_ipv6 else "IPv4")
    assert {each.props["keyPair"] for each in of(recording, "Instance")} == {"mine"}


def test_nodes_and_kubeconfig_agree_on_what_was_made_before(k3s: Recording) -> None:
    first = of(k3s, "Instance")[0]
    written = files(first)
    certificate, key = (written[f"{SERVER_TLS}.{end}"] for end in ("crt", "key"))
    assert certificate.startswith("-----BEGIN CERTIFICATE-----")
    assert "CERTIFICATE" not in key
    assert key.startswith("-----BEGIN PRIVATE KEY-----")
    kubeconfig = json.loads(k3s.token("pulumi:providers:kubernetes").props["kubeconfig"])
    trusted = kubeconfig["clusters"][0]["cluster"]["certificate-authority-data"]
    assert base64.b64decode(trusted).decode() == certificate
    token = kubeconfig["users"][0]["user"]["token"]
    assert written["/etc/rancher/k3s/tokens.csv"].startswith(f"{token},")
    assert '"system:masters"' in written["/etc/rancher/k3s/tokens.csv"]
    server = yaml.safe_load(written["/etc/rancher/k3s/config.yaml"])
    assert server["kube-apiserver-arg"] == ["token-auth-file=/etc/rancher/k3s/tokens.csv"]
    for worker in of(k3s, "Instance")[1:]:
        joins = yaml.safe_load(files(worker)["/etc/rancher/k3s/config.yaml"])
        assert joins["token"] == server["token"] != token
        assert set(files(worker)) == {"/etc/rancher/k3s/config.yaml"}


def test_what_an_instance_is_made_with_is_secret_and_hidden_from_pods(k3s: Recording) -> None:
    for each in of(k3s, "Instance"):
        assert each.secrets == {"userData"}
        document = yaml.safe_load(each.props["userData"])
        assert each.props["userData"].startswith("#cloud-config\n")
        assert document["disable_ec2_metadata"] is True
        assert {file["permissions"] for file in document["write_files"]} == {"0600"}
    assert "kubeconfig" in k3s.token("pulumi:providers:kubernetes").secrets


def test_without_octavia_the_control_planes_address_is_that_of_the_services(
    k3s: Recording,
) -> None:
    (address,) = of(k3s, "FloatingIp")
    assert address.props == {"pool": "public"}
    service = k3s.one("Service", "traefik").spec
    assert service["type"] == "NodePort"
    assert service["ports"][0]["nodePort"] == 30081


def test_octavia_leads_to_the_workers() -> None:
    recording = record_there(there(load_balancing=OCTAVIA, ingress={**TRAEFIK, "tls": SECRET}))
    assert {each.name for each in of(recording, "FloatingIp")} == {
        "ssl-local-control-plane",
        "ssl-local-ingress",
    }
    ports = {each.props["protocolPort"] for each in of(recording, "Listener")}
    assert ports == {80, 443}
    members = [each.props["protocolPort"] for each in of(recording, "Member")]
    assert sorted(members) == [30080] * 3 + [30443] * 3
    # nobody but the balancer, which is in the nodes' network
    assert (30080, "10.0.0.0/20") in doors(recording)
    assert not any(where == "0.0.0.0/0" and port != 6443 for port, where in doors(recording))
    service = recording.one("Service", "traefik").spec
    assert service["type"] == "NodePort"
    assert [port["nodePort"] for port in service["ports"]] == [30080, 30443]


def test_octavia_takes_the_address_that_the_site_has_reserved() -> None:
    recording = record_there(there(load_balancing={**OCTAVIA, "address": "192.0.2.10"}))
    assert len(of(recording, "FloatingIp")) == 1
    attached = {each.props["floatingIp"] for each in of(recording, "FloatingIpAssociate")}
    assert "192.0.2.10" in attached


def test_an_ingress_of_the_sites_own_opens_no_ports() -> None:
    recording = record_there(there(ingress=CLASS))
    assert {port for port, _ in doors(recording)} == {None, 6443}


def test_magnum_makes_the_cluster_from_the_template(magnum: Recording) -> None:
    (cluster,) = of(magnum, "Cluster")
    props = cluster.props
    assert props["clusterTemplateId"] == "kubernetes-v1.34"
    assert props["masterFlavor"] == "m1.medium"
    assert (props["flavor"], props["nodeCount"]) == ("m1.xlarge", 2)
    assert props["fixedNetwork"] == props["fixedSubnet"] == "ssl-local-id"
    assert props["labels"]["max_node_count"] == "3"
    (group,) = of(magnum, "NodeGroup")
    assert group.props["flavorId"] == "m1.huge"
    assert (group.props["minNodeCount"], group.props["maxNodeCount"]) == (1, 5)
    assert of(magnum, "Instance") == []
    assert {group.urn, cluster.urn} <= magnum.token("pulumi:providers:kubernetes").depends_on


def test_magnum_asks_octavia_by_its_own_controller() -> None:
    recording = record_there(there(MAGNUM, load_balancing={**OCTAVIA, "address": "192.0.2.10"}))
    assert of(recording, "LoadBalancer") == []
    spec = recording.one("Service", "traefik").spec
    assert (spec["type"], spec["loadBalancerIP"]) == ("LoadBalancer", "192.0.2.10")


def test_only_k3s_needs_what_is_made_before() -> None:
    keys = {spec.key for spec in required_secrets(there(), {})}
    assert {"k3s-authority", "k3s-join-token", "k3s-admin-token"} < keys
    assert not [spec.key for spec in required_secrets(there(MAGNUM), {}) if "k3s" in spec.key]


@pytest.mark.parametrize("cluster", [K3S, MAGNUM])
def test_the_keys_of_swift_are_the_clouds(cluster: dict[str, Any]) -> None:
    the_site = there(cluster, object_storage=SWIFT)
    assert not [spec.key for spec in required_secrets(the_site, {}) if spec.key.startswith("s3-")]
    recording = record_there(the_site)
    assert {each.name for each in of(recording, "Ec2CredentialV3")} == {
        "fitting-service",
        "z-peak",
    }
    keys = {each.urn for each in of(recording, "Ec2CredentialV3")}
    for each in recording.of("Secret"):
        assert each.depends_on & keys


@pytest.mark.parametrize(
    ("share", "access"),
    [
        ({"protocol": "nfs", "size": "1Ti"}, ("ip", "10.0.0.0/20")),
        ({"protocol": "cephfs", "size": "1Ti", "type": "fast"}, ("cephx", "ssl-local")),
    ],
)
def test_a_share_is_open_to_the_nodes_alone(share: dict[str, Any], access: tuple[str, str]) -> None:
    recording = record_there(there({**K3S, "share": share}))
    (made,) = of(recording, "Share")
    assert (made.props["shareProto"], made.props["size"]) == (share["protocol"].upper(), 1024)
    (right,) = of(recording, "ShareAccess")
    assert (right.props["accessType"], right.props["accessTo"]) == access
    assert of(recording, "ShareNetwork") == []


def test_a_share_with_a_server_of_its_own_is_in_the_nodes_network() -> None:
    share = {"protocol": "nfs", "size": "10Gi", "own_server": True}
    recording = record_there(there({**K3S, "share": share}))
    (network,) = of(recording, "ShareNetwork")
    assert network.props["neutronSubnetId"] == "ssl-local-id"
    (made,) = of(recording, "Share")
    assert made.props["shareNetworkId"] == "ssl-local-id"


def test_drivers_find_an_account_where_their_charts_look() -> None:
    known = {**K3S, "auth_url": "https://keystone.example.edu/v3", "region": "RegionOne"}
    recording = record_there(there(known))
    secret = recording.one("Secret", "cloud-config", "kube-system")
    assert secret.secrets == {"stringData"}
    lines = secret.props["stringData"]["cloud.conf"].splitlines()
    assert lines[:3] == [
        "[Global]", "auth-url=https://keystone.example.edu/v3", "region=RegionOne",
    ]  # fmt: skip
    assert "application-credential-id=ssl-local-id" in lines
    assert len(of(recording, "ApplicationCredential")) == 1
