"""The founding sites and a tenant copy of NYU, side by side, each on a cluster of its own.

Illinois' network, instances and credentials are made on a real OpenStack, and GKE's by a stand-in
for Google's provider; the laboratories run on embedded clusters, whose kubeconfig takes the place
of theirs. docs/layers.md says what that leaves untested.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.clusters import listed
from tests.e2e.conftest import copied
from tests.fleet.sites import TENANT, Fleet, fleet
from tests.openstack.cloud import Cloud

pytest_plugins = ("tests.openstack.fixtures",)
pytestmark = pytest.mark.e2e

SITES = ("chicago", "nyu", "sdsc", TENANT, "illinois", "gke")


@pytest.fixture(scope="module")
def sites(tmp_path_factory: pytest.TempPathFactory, openstack_cloud: Cloud) -> Iterator[Fleet]:
    """All sites, up at the same time."""
    folder = tmp_path_factory.mktemp("sites")
    with fleet(copied(folder, 18083), folder, openstack_cloud) as made:
        for site, done in made.at_once(made.up).items():
            assert done.returncode == 0, f"{site}: {done.stdout[-4000:]}{done.stderr[-2000:]}"
        yield made


@pytest.mark.parametrize("site", SITES)
def test_a_site_passes_its_checks(sites: Fleet, site: str) -> None:
    checks = sites.check(site)
    assert {check["pattern"] for check in checks} >= set(sites.places[site].site.patterns)
    assert all(check["passed"] for check in checks), checks


@pytest.mark.parametrize("site", SITES)
def test_another_up_changes_nothing(sites: Fleet, site: str) -> None:
    again = sites.pulumi(site, "up", "--yes", "--skip-preview", "--refresh", "--expect-no-changes")
    assert again.returncode == 0, again.stdout + again.stderr


def test_nothing_of_one_site_is_at_another(sites: Fleet) -> None:
    for name, place in sites.places.items():
        pods = listed(place.kubeconfig, "pods", "--all-namespaces")
        assert {pod["spec"]["nodeName"] for pod in pods} == {place.spec.node}, name
