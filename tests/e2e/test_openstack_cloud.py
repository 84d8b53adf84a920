"""What a laboratory needs of an OpenStack cloud works on the one for tests."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest
import yaml

from tests.openstack.api import Api, until
from tests.openstack.cloud import Cloud

pytest_plugins = ("tests.openstack.fixtures",)
pytestmark = pytest.mark.e2e

KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ7Wv1xK4p5wNq5C0l0m1cXo2o9gq1l0lY3kq8Q1r5aB lab"


@pytest.fixture(scope="module")
def api(openstack_cloud: Cloud) -> Api:
    return Api(openstack_cloud)


class Made:
    """Objects that a test has made; they are deleted in the opposite order."""

    def __init__(self, api: Api) -> None:
        self.api = api
        self.paths: list[tuple[str, str]] = []

    def __call__(self, service: str, path: str, kind: str, **fields: Any) -> dict[str, Any]:
        made = self.api.call(service, "POST", path, {kind: fields})[kind]
        self.paths.append((service, f"{path}/{made.get('id') or made['name']}"))
        assert isinstance(made, dict)
        return made

    def delete(self) -> None:
        while self.paths:
            service, path = self.paths.pop()
            self.api.call(service, "DELETE", path)
            until(partial(self.api.gone, service, path), f"the end of {path}")


@pytest.fixture
def made(api: Api) -> Iterator[Made]:
    objects = Made(api)
    yield objects
    objects.delete()


@pytest.fixture
def subnet(made: Made) -> dict[str, Any]:
    network = made("network", "/v2.0/networks", "network", name="laboratory")
    return made(
        "network", "/v2.0/subnets", "subnet",
        name="laboratory", network_id=network["id"], ip_version=4, cidr="10.20.0.0/24",
        dns_nameservers=["192.0.2.53"],
    )  # fmt: skip


def test_the_catalogue_has_every_service_by_the_address_for_clients(
    openstack_cloud: Cloud,
    api: Api,
) -> None:
    wanted = {"identity", "network", "compute", "placement", "image"}
    assert set(api.endpoints) == wanted | {"container-infra", "sharev2"}
    assert all(
        url.startswith(f"http://{openstack_cloud.address}:") for url in api.endpoints.values()
    )


def test_the_user_is_no_administrator(api: Api) -> None:
    assert "admin" not in api.roles
    assert "member" in api.roles
    assert api.status("compute", "GET", "/os-services") == 403
    flat = {"provider:network_type": "flat", "provider:physical_network": "provider"}
    assert api.status("network", "POST", "/v2.0/networks", {"network": flat}) == 403


def test_clouds_yaml_has_the_account(openstack_cloud: Cloud) -> None:
    entry = yaml.safe_load(openstack_cloud.clouds_yaml("ssl-illinois"))["clouds"]["ssl-illinois"]
    assert entry["auth"]["auth_url"] == openstack_cloud.environment["OS_AUTH_URL"]
    assert entry["auth"]["password"] == openstack_cloud.environment["OS_PASSWORD"]


def test_an_instance_behind_a_floating_address(
    api: Api, made: Made, subnet: dict[str, Any]
) -> None:
    public = api.id_of("network", "/v2.0/networks?router:external=true", "networks", "public")
    router = made(
        "network", "/v2.0/routers", "router",
        name="laboratory", external_gateway_info={"network_id": public},
    )  # fmt: skip
    router_path = f"/v2.0/routers/{router['id']}"
    interface = {"subnet_id": subnet["id"]}
    api.call("network", "PUT", f"{router_path}/add_router_interface", interface)
    group = made("network", "/v2.0/security-groups", "security_group", name="kubernetes")
    made(
        "network", "/v2.0/security-group-rules", "security_group_rule",
        security_group_id=group["id"], direction="ingress", ethertype="IPv4", protocol="tcp",
        port_range_min=6443, port_range_max=6443, remote_ip_prefix="0.0.0.0/0",
    )  # fmt: skip
    made("compute", "/os-keypairs", "keypair", name="laboratory", public_key=KEY)
    server = made(
        "compute", "/servers", "server",
        name="control-plane", key_name="laboratory", user_data="I2Nsb3VkLWNvbmZpZwo=",
        imageRef=api.id_of("image", "/v2/images", "images", "ubuntu-24.04"),
        flavorRef=api.id_of("compute", "/flavors", "flavors", "m1.xlarge"),
        networks=[{"uuid": subnet["network_id"]}], security_groups=[{"name": "kubernetes"}],
    )  # fmt: skip
    server = until(lambda: _settled(api, server["id"]), "the instance")
    assert server["status"] == "ACTIVE", server.get("fault")

    (port,) = api.call("network", "GET", f"/v2.0/ports?device_id={server['id']}")["ports"]
    assert port["status"] == "ACTIVE"
    assert port["security_groups"] == [group["id"]]
    floating = made(
        "network", "/v2.0/floatingips", "floatingip",
        floating_network_id=public, port_id=port["id"],
    )  # fmt: skip
    assert floating["floating_ip_address"].startswith("203.0.113.")
    assert floating["fixed_ip_address"] == port["fixed_ips"][0]["ip_address"]
    until(lambda: len(_addresses(api, server["id"])) == 2, "the floating address")

    api.call("network", "DELETE", f"/v2.0/floatingips/{floating['id']}")
    made.paths.remove(("network", f"/v2.0/floatingips/{floating['id']}"))
    api.call("compute", "DELETE", f"/servers/{server['id']}")
    made.paths.remove(("compute", f"/servers/{server['id']}"))
    until(partial(api.gone, "compute", f"/servers/{server['id']}"), "its end")
    api.call("network", "PUT", f"{router_path}/remove_router_interface", interface)


def _settled(api: Api, server: str) -> dict[str, Any] | None:
    """Return the server once it is built, or has failed."""
    now: dict[str, Any] = api.call("compute", "GET", f"/servers/{server}")["server"]
    return now if now["status"] != "BUILD" else None


def _addresses(api: Api, server: str) -> list[str]:
    networks = api.call("compute", "GET", f"/servers/{server}/ips")["addresses"]
    return [entry["addr"] for entries in networks.values() for entry in entries]


def test_many_instances_of_the_site_s_flavors_fit(
    api: Api, made: Made, subnet: dict[str, Any]
) -> None:
    image = api.id_of("image", "/v2/images", "images", "ubuntu-24.04")
    flavor = api.id_of("compute", "/flavors", "flavors", "m1.xlarge")
    servers = [
        made(
            "compute", "/servers", "server", name=f"worker-{number}", imageRef=image,
            flavorRef=flavor, networks=[{"uuid": subnet["network_id"]}],
        )
        for number in range(4)
    ]  # fmt: skip
    states = {until(partial(_settled, api, s["id"]), "it")["status"] for s in servers}
    assert states == {"ACTIVE"}


def test_an_application_credential_logs_in(openstack_cloud: Cloud, api: Api) -> None:
    path = f"/users/{api.user_id}/application_credentials"
    body = {"application_credential": {"name": "laboratory"}}
    credential = api.call("identity", "POST", path, body)["application_credential"]
    try:
        secret = {"id": credential["id"], "secret": credential["secret"]}
        identity = {"methods": ["application_credential"], "application_credential": secret}
        assert Api(openstack_cloud, {"identity": identity}).project_id == api.project_id
    finally:
        api.call("identity", "DELETE", f"{path}/{credential['id']}")


def test_ec2_credentials_are_made_and_deleted(api: Api) -> None:
    path = f"/users/{api.user_id}/credentials/OS-EC2"
    made = api.call("identity", "POST", path, {"tenant_id": api.project_id})["credential"]
    assert made["access"]
    assert made["secret"]
    api.call("identity", "DELETE", f"{path}/{made['access']}")
    assert api.call("identity", "GET", path)["credentials"] == []


def test_a_cluster_of_magnum_is_complete_and_signs_certificates(api: Api, made: Made) -> None:
    template = api.call("container-infra", "GET", "/clustertemplates")["clustertemplates"][0]
    assert template["name"] == "kubernetes-v1.34"
    made("compute", "/os-keypairs", "keypair", name="magnum", public_key=KEY)
    fields = {"cluster_template_id": template["uuid"], "name": "ssl", "keypair": "magnum"}
    fields |= {"master_count": 1, "node_count": 3}
    uuid = api.call("container-infra", "POST", "/clusters", fields)["uuid"]
    path = f"/clusters/{uuid}"
    cluster = until(lambda: _complete(api, path), "the cluster")
    assert cluster["status"] == "CREATE_COMPLETE", cluster["status_reason"]
    assert cluster["node_count"] == 3
    authority = api.call("container-infra", "GET", f"/certificates/{uuid}")["pem"]
    assert authority.startswith("-----BEGIN CERTIFICATE-----")
    api.call("container-infra", "DELETE", path)
    until(partial(api.gone, "container-infra", path), "its end")


def _complete(api: Api, path: str) -> dict[str, Any] | None:
    if api.gone("container-infra", path):
        return None  # the conductor has not written it down yet
    now: dict[str, Any] = api.call("container-infra", "GET", path)
    return now if not now["status"].endswith("IN_PROGRESS") else None


def test_a_share_of_manila_has_a_place(api: Api) -> None:
    version = {"X_OpenStack_Manila_API_Version": "2.60"}
    fields = {"share": {"name": "laboratory", "share_proto": "NFS", "size": 1}}
    share = api.call("sharev2", "POST", "/shares", fields, **version)["share"]
    path = f"/shares/{share['id']}"

    def available() -> bool:
        state = api.call("sharev2", "GET", path, **version)["share"]["status"]
        assert state != "error"
        return bool(state == "available")

    until(available, "the share")
    places = api.call("sharev2", "GET", f"{path}/export_locations", **version)
    assert places["export_locations"][0]["path"]
    api.call("sharev2", "DELETE", path, **version)
    until(partial(api.gone, "sharev2", path), "its end")
