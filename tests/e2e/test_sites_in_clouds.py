"""The founding sites in clouds, side by side: Illinois on a real OpenStack, and GKE.

Illinois' network, instances and credentials are made on that cloud, and GKE's by a stand-in for
Google's provider; the laboratories run on embedded clusters, whose kubeconfig takes the place of
theirs. docs/layers.md says what that leaves untested.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from tests.e2e.conftest import copied
from tests.fleet import side_by_side
from tests.fleet.sites import IN_CLOUDS, Fleet, fleet
from tests.fleet.unanswered import told_soon
from tests.gcp_provider import cloud as google
from tests.openstack.api import Api
from tests.openstack.cloud import Cloud

pytest_plugins = ("tests.openstack.fixtures",)
pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def sites(tmp_path_factory: pytest.TempPathFactory, openstack_cloud: Cloud) -> Iterator[Fleet]:
    """The sites, up at the same time."""
    folder = tmp_path_factory.mktemp("clouds")
    with fleet(copied(folder, 18087), folder, openstack_cloud, IN_CLOUDS) as made:
        side_by_side.come_up(made)
        yield made


def test_all_sites_pass_their_checks_side_by_side(sites: Fleet) -> None:
    side_by_side.checks_pass(sites)


def test_another_up_changes_nothing(sites: Fleet) -> None:
    side_by_side.another_up_changes_nothing(sites)


def test_no_site_reaches_another(sites: Fleet) -> None:
    side_by_side.no_site_reaches_another(sites)


def test_no_key_of_one_site_is_anothers(sites: Fleet) -> None:
    side_by_side.no_key_is_anothers(sites)


def test_illinois_stands_on_its_cloud(sites: Fleet, openstack_cloud: Cloud) -> None:
    made = Api(openstack_cloud).made()
    assert made["servers"] == ["ssl-illinois-control-plane", "ssl-illinois-workers-0"]
    assert made["networks"] == ["ssl-illinois"]
    assert made["routers"] == ["ssl-illinois"]
    assert made["security_groups"] == ["ssl-illinois"]
    assert len(made["floatingips"]) == 1


def test_a_changed_security_group_is_drift_and_mended(sites: Fleet, openstack_cloud: Cloud) -> None:
    api = Api(openstack_cloud)

    def rules() -> list[str]:
        listed = api.call("network", "GET", "/v2.0/security-group-rules")["security_group_rules"]
        group = api.id_of("network", "/v2.0/security-groups", "security_groups", "ssl-illinois")
        return [
            rule["id"]
            for rule in listed
            if rule["security_group_id"] == group and rule["direction"] == "ingress"
        ]

    before = rules()
    api.call("network", "DELETE", f"/v2.0/security-group-rules/{before[0]}")
    drifted = sites.sslab("illinois", "drift", "illinois", "--format", "json")
    assert drifted.returncode == 1, drifted.stdout + drifted.stderr
    (site,) = json.loads(drifted.stdout)["sites"]
    ((kind, change),) = [(each["type"], each["change"]) for each in site["objects"]]
    assert (kind.rpartition(":")[2], change) == ("SecGroupRule", "gone")
    mended = sites.sslab(
        "illinois", "up", "illinois", "--yes", "--heal", *sites.places["illinois"].at
    )
    assert mended.returncode == 0, mended.stdout + mended.stderr
    assert "1 object put back" in mended.stderr
    assert len(rules()) == len(before)


def test_a_cluster_that_does_not_answer_is_told_soon(sites: Fleet) -> None:
    told_soon(sites, "illinois", ("check", "illinois"), "cluster: the cluster of ")


def test_every_site_goes_away_and_leaves_nothing(sites: Fleet, openstack_cloud: Cloud) -> None:
    side_by_side.all_go_away(sites)
    assert not any(Api(openstack_cloud).made().values())
    assert google.Cloud(sites.google).ids() == []
