"""What a real OpenStack refuses while Illinois' cluster is made, and that all of it can be mended.

Only the cluster is made: the program is the cluster's part of the laboratory's.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml

from sslab.cluster.kubeconfig import by_token
from tests.e2e.conftest import copied_clone
from tests.fleet.alone import Alone, alone
from tests.openstack.api import Api, administrator
from tests.openstack.cloud import Cloud

pytest_plugins = ("tests.openstack.fixtures",)

pytestmark = pytest.mark.e2e

SITE = "illinois"
NOVA, NEUTRON, MANILA = "compute", "network", "sharev2"
AGAIN = "then run the same command again: what is done is not done twice"


@pytest.fixture(scope="module")
def api(openstack_cloud: Cloud) -> Api:
    return Api(openstack_cloud)


@pytest.fixture(scope="module")
def illinois(tmp_path_factory: pytest.TempPathFactory, openstack_cloud: Cloud) -> Iterator[Alone]:
    """The cluster's stack; clouds.yaml is beside the clone."""
    with pytest.MonkeyPatch.context() as patch:
        folder = tmp_path_factory.mktemp("refusing")
        patch.setenv("XDG_STATE_HOME", str(folder / "state"))
        patch.setenv("OS_CLIENT_CONFIG_FILE", str(folder / "clouds.yaml"))
        (folder / "clouds.yaml").write_text(openstack_cloud.clouds_yaml("ssl-illinois"))
        clone = copied_clone(folder)
        file = clone / "sites" / f"{SITE}.yaml"
        text = file.read_text().replace("external_network: null ", "external_network: public ")
        file.write_text(text)
        site = alone(clone, SITE)
        # no instance boots, so that nobody would answer at the address of its own
        elsewhere = by_token("https://192.0.2.1:6443", "PEM", "nobody's")
        given = site.pulumi("config", "set", "--secret", "kubeconfig", stdin=elsewhere)
        assert given.returncode == 0, given.stderr
        try:
            yield site
        finally:
            site.pulumi("destroy", "--yes")


@contextmanager
def limited(cloud: Cloud, project: str, service: str, limits: Mapping[str, int]) -> Iterator[None]:
    """Let the project have no more than this of a service while the block runs."""
    admin = administrator(cloud)
    key, path = ("quota", "/v2.0/quotas") if service == NEUTRON else ("quota_set", "/os-quota-sets")
    if service == MANILA:
        path = "/quota-sets"
    version = {"X_OpenStack_Manila_API_Version": "2.60"}

    def put(wanted: Mapping[str, Any]) -> None:
        admin.call(service, "PUT", f"{path}/{project}", {key: dict(wanted)}, **version)

    known = admin.call(service, "GET", f"{path}/{project}", **version)[key]
    put(limits)
    try:
        yield
    finally:
        put({name: known[name] for name in limits})


def destroy(site: Alone) -> None:
    gone = site.pulumi("destroy", "--yes")
    assert gone.returncode == 0, gone.stdout + gone.stderr


def test_a_credential_that_was_taken_back_is_told(
    illinois: Alone, openstack_cloud: Cloud, api: Api
) -> None:
    path = f"/users/{api.user_id}/application_credentials"
    body = {"application_credential": {"name": "taken-back"}}
    made = api.call("identity", "POST", path, body)["application_credential"]
    api.call("identity", "DELETE", f"{path}/{made['id']}")
    file = Path(illinois.environment["OS_CLIENT_CONFIG_FILE"])
    right = file.read_text()
    document = yaml.safe_load(right)
    auth = {
        "auth_url": openstack_cloud.auth_url,
        "application_credential_id": made["id"],
        "application_credential_secret": made["secret"],
    }
    document["clouds"]["ssl-illinois"] |= {"auth_type": "v3applicationcredential", "auth": auth}
    file.write_text(yaml.safe_dump(document))
    try:
        told = illinois.refused()
    finally:
        file.write_text(right)
    assert told == (
        "the deployment failed: the credentials of the entry of clouds.yaml that "
        "sites/illinois.yaml names (cluster.cloud) are wrong or have expired: download new ones "
        f"from the cloud's dashboard; {AGAIN}"
    )
    assert made["secret"] not in told
    assert not any(api.made().values())


def test_a_network_that_the_cloud_lacks_is_told(illinois: Alone, api: Api) -> None:
    with illinois.changed("external_network: public ", "external_network: outside "):
        told = illinois.refused()
    assert "sites/illinois.yaml: cluster.external_network: the cloud has no such network" in told


def test_what_a_quota_of_networks_left_half_made_goes_away(
    illinois: Alone, openstack_cloud: Cloud, api: Api
) -> None:
    with limited(openstack_cloud, api.project_id, NEUTRON, {"router": 0}):
        told = illinois.refused()
    assert told == (
        "the deployment failed: the project's limit of router is reached: ask the cloud to raise "
        f"it, or delete what is not needed; {AGAIN}"
    )
    assert api.made()["networks"] == ["ssl-illinois"]
    destroy(illinois)
    assert not any(api.made().values())


def test_a_flavor_that_the_cloud_lacks_is_told(illinois: Alone) -> None:
    with illinois.changed("machine: m1.xlarge", "machine: m1.huge"):
        told = illinois.refused()
    assert "sites/illinois.yaml: cluster.control_plane or cluster.node_pools: the cloud has" in told
    assert "no flavor m1.huge; `openstack flavor list`" in told


def test_a_quota_of_instances_is_told_and_the_next_deployment_goes_on(
    illinois: Alone, openstack_cloud: Cloud, api: Api
) -> None:
    before = api.made()["servers"]
    with limited(openstack_cloud, api.project_id, NOVA, {"instances": len(before)}):
        told = illinois.refused()
    used = f"{len(before)}, and {len(before)} are in use"
    assert told == (
        f"the deployment failed: the project's limit of instances is {used}: ask the cloud to "
        f"raise it, or lower cluster.node_pools in sites/illinois.yaml; {AGAIN}"
    )
    illinois.up()
    assert api.made()["servers"] == ["ssl-illinois-control-plane", "ssl-illinois-workers-0"]
    again = illinois.pulumi("preview", "--expect-no-changes", "--refresh")
    assert again.returncode == 0, again.stdout + again.stderr


def test_a_quota_of_shares_is_told_and_all_goes_away(
    illinois: Alone, openstack_cloud: Cloud, api: Api
) -> None:
    illinois.change("  node_pools:\n", "  share: {protocol: nfs, size: 10Gi}\n  node_pools:\n")
    with limited(openstack_cloud, api.project_id, MANILA, {"gigabytes": 1}):
        told = illinois.refused()
    assert told == (
        "the deployment failed: the project's limit of gigabytes is reached: ask the cloud to "
        f"raise it, or lower cluster.share in sites/illinois.yaml; {AGAIN}"
    )
    illinois.up()
    destroy(illinois)
    assert not any(api.made().values())
