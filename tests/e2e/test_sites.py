"""The founding sites and a tenant copy of NYU, side by side, each on a cluster of its own.

Illinois' network, instances and credentials are made on a real OpenStack, and GKE's by a stand-in
for Google's provider; the laboratories run on embedded clusters, whose kubeconfig takes the place
of theirs. docs/layers.md says what that leaves untested.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from sslab.cluster import network
from tests.clusters import command, listed
from tests.e2e.conftest import copied
from tests.fleet.sites import TENANT, Fleet, Place, fleet
from tests.gcp_provider import cloud as google
from tests.openstack.api import Api
from tests.openstack.cloud import Cloud

pytest_plugins = ("tests.openstack.fixtures",)
# seven clusters at once: on two cores they take a quarter of an hour beside anything else
pytestmark = [pytest.mark.e2e, pytest.mark.long]

MADE_BY_TENANTS = "deployments,statefulsets,jobs,services,ingresses,persistentvolumeclaims,secrets"
SITES = ("chicago", "nyu", "sdsc", TENANT, "illinois", "gke")


@pytest.fixture(scope="module")
def sites(tmp_path_factory: pytest.TempPathFactory, openstack_cloud: Cloud) -> Iterator[Fleet]:
    """All sites, up at the same time."""
    folder = tmp_path_factory.mktemp("sites")
    with fleet(copied(folder, 18083), folder, openstack_cloud) as made:
        for site, done in made.at_once(made.up).items():
            assert done.returncode == 0, f"{site}: {done.stdout[-9000:]}{done.stderr[-2000:]}"
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


@pytest.mark.parametrize("site", ["sdsc", TENANT])
def test_a_tenants_account_has_rights_in_its_namespace_alone(sites: Fleet, site: str) -> None:
    contexts = Path(sites.variables["KUBECONFIG"])

    def may(*words: str) -> str:
        done = command(contexts, f"--context=ssl-{site}", "auth", "can-i", *words)
        return done.stdout.strip()

    assert may("create", "deployments", "--namespace=ssl") == "yes"
    assert may("get", "pods", "--namespace=kube-system") == "no"
    assert may("create", "namespaces") == "no"
    assert may("create", "roles", "--namespace=ssl") == "no"


def test_no_site_reaches_another(sites: Fleet) -> None:
    places = list(sites.places.values())
    for here, there in zip(places, [*places[1:], places[0]], strict=True):
        assert connects(here, here), f"{here.site.name} does not reach itself"
        assert not connects(here, there), f"{here.site.name} reaches {there.site.name}"


def test_no_key_of_one_site_is_anothers(sites: Fleet) -> None:
    keys = [sites.sslab(site, "secrets", "show", site, "s3-z-peak-secret-key") for site in SITES]
    assert all(done.returncode == 0 for done in keys)
    assert len({done.stdout for done in keys}) == len(SITES)


def test_illinois_stands_on_its_cloud(sites: Fleet, openstack_cloud: Cloud) -> None:
    made = inventory(Api(openstack_cloud))
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


def test_every_site_goes_away_and_leaves_nothing(sites: Fleet, openstack_cloud: Cloud) -> None:
    def destroy(site: str) -> subprocess.CompletedProcess[str]:
        return sites.pulumi(site, "destroy", "--yes", "--skip-preview")

    for site, done in sites.at_once(destroy).items():
        assert done.returncode == 0, f"{site}: {done.stdout[-3000:]}{done.stderr[-1000:]}"
    for site, place in sites.places.items():
        names = {each["metadata"]["name"] for each in listed(place.kubeconfig, "namespaces")}
        assert not {name for name in names if name.startswith("ssl-")}, site
        assert not names & set(place.site.patterns), site
        for given in place.site.privilege.namespaces:
            assert listed(place.kubeconfig, MADE_BY_TENANTS, f"--namespace={given}") == [], site
    assert not any(inventory(Api(openstack_cloud)).values())
    assert google.Cloud(sites.google).ids() == []


def connects(here: Place, there: Place) -> bool:
    """Tell whether a program in one site's network reaches the API server of another's."""
    program = "import socket, sys; socket.create_connection((sys.argv[1], 6443), timeout=3)"
    words = [*network.inside_of(here.spec), sys.executable, "-c", program, there.spec.address]
    return subprocess.run(words, capture_output=True, check=False).returncode == 0


def inventory(api: Api) -> dict[str, list[str]]:
    """Return the names of what the project has, beside what every project gets."""
    lists = {
        "servers": ("compute", "/servers"),
        "networks": ("network", f"/v2.0/networks?project_id={api.project_id}"),
        "routers": ("network", "/v2.0/routers"),
        "security_groups": ("network", "/v2.0/security-groups"),
        "floatingips": ("network", "/v2.0/floatingips"),
    }
    return {
        kind: sorted(
            each.get("name") or each["id"]
            for each in api.call(service, "GET", path)[kind]
            if each.get("name") != "default"
        )
        for kind, (service, path) in lists.items()
    }
