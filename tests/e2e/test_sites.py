"""The founding sites and a tenant copy of NYU, side by side, each on a cluster of its own.

Illinois' network, instances and credentials are made on a real OpenStack, and GKE's by a stand-in
for Google's provider; the laboratories run on embedded clusters, whose kubeconfig takes the place
of theirs. docs/layers.md says what that leaves untested.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from sslab.cluster import network
from sslab.cluster.processes import Supervisor
from tests.clusters import command, listed
from tests.e2e.conftest import copied
from tests.fleet.sites import SITES, TENANT, Fleet, Place, fleet
from tests.gcp_provider import cloud as google
from tests.openstack.api import Api
from tests.openstack.cloud import Cloud

pytest_plugins = ("tests.openstack.fixtures",)
# seven clusters at once: on two cores they take ten minutes, and nothing may run beside them
pytestmark = [pytest.mark.e2e, pytest.mark.long]

MADE_BY_TENANTS = "deployments,statefulsets,jobs,services,ingresses,persistentvolumeclaims,secrets"
SOON_S = 30
"""Within how many seconds a cluster that does not answer is told, on a machine that is busy."""


@pytest.fixture(scope="module")
def sites(tmp_path_factory: pytest.TempPathFactory, openstack_cloud: Cloud) -> Iterator[Fleet]:
    """All sites, up at the same time."""
    folder = tmp_path_factory.mktemp("sites")
    with fleet(copied(folder, 18086), folder, openstack_cloud) as made:
        for site, done in made.at_once(made.up).items():
            assert done.returncode == 0, f"{site}: {done.stdout[-9000:]}{done.stderr[-2000:]}"
        yield made


def test_all_sites_pass_their_checks_side_by_side(sites: Fleet) -> None:
    for site, checks in sites.at_once(sites.check).items():
        patterns = {check["pattern"] for check in checks}
        assert patterns >= set(sites.places[site].site.patterns), site
        assert all(check["passed"] for check in checks), f"{site}: {checks}"


def test_another_up_changes_nothing(sites: Fleet) -> None:
    def again(site: str) -> subprocess.CompletedProcess[str]:
        words = ("--yes", "--skip-preview", "--refresh", "--expect-no-changes")
        return sites.pulumi(site, "up", *words)

    for site, done in sites.at_once(again).items():
        assert done.returncode == 0, f"{site}: {done.stdout}{done.stderr}"


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


@contextmanager
def halted(place: Place) -> Iterator[None]:
    """Let the API server of a cluster take connections and say nothing while the block runs."""
    (pid,) = [each.pid for each in Supervisor(place.spec).states() if each.name == "kube-apiserver"]
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


@pytest.mark.parametrize(
    ("site", "words", "where"),
    [
        ("nyu", ("up", "nyu", "--yes"), "cluster.context: the cluster of the context ssl-nyu"),
        ("nyu", ("check", "nyu"), "cluster.context: the cluster of the context ssl-nyu"),
        ("nyu", ("destroy", "nyu"), "cluster.context: the cluster of the context ssl-nyu"),
        ("illinois", ("check", "illinois"), "cluster: the cluster of "),
    ],
)
def test_a_cluster_that_does_not_answer_is_told_soon(
    sites: Fleet, site: str, words: tuple[str, ...], where: str
) -> None:
    started = time.monotonic()
    with halted(sites.places[site]):
        told = sites.sslab(site, *words)
    assert time.monotonic() - started < SOON_S
    assert told.returncode == 1
    assert f"error: sites/{site}.yaml: {where}" in told.stderr
    assert "does not answer: " in told.stderr
    assert "Deployment" not in told.stderr
    assert "Traceback" not in told.stderr


def test_an_account_that_has_expired_is_told(sites: Fleet) -> None:
    contexts = Path(sites.variables["KUBECONFIG"])
    right = contexts.read_text()
    document = json.loads(right)
    for user in document["users"]:
        if "token" in user["user"]:
            user["user"]["token"] = "of-yesterday"
    contexts.write_text(json.dumps(document))
    try:
        told = sites.sslab("sdsc", "up", "sdsc", "--yes")
    finally:
        contexts.write_text(right)
    assert told.returncode == 1
    assert "cluster.context: the cluster does not take the credentials of the context ssl-sdsc" in (
        told.stderr
    )


def test_every_site_goes_away_and_leaves_nothing(sites: Fleet, openstack_cloud: Cloud) -> None:
    def destroy(site: str) -> subprocess.CompletedProcess[str]:
        return sites.sslab(site, "destroy", site, "--with-data", "--confirm", site)

    for site, done in sites.at_once(destroy).items():
        assert done.returncode == 0, f"{site}: {done.stdout[-3000:]}{done.stderr[-1000:]}"
    for site, place in sites.places.items():
        names = {each["metadata"]["name"] for each in listed(place.kubeconfig, "namespaces")}
        assert not {name for name in names if name.startswith("ssl-")}, site
        assert not names & set(place.site.patterns), site
        for given in place.site.privilege.namespaces:
            assert listed(place.kubeconfig, MADE_BY_TENANTS, f"--namespace={given}") == [], site
    assert not any(Api(openstack_cloud).made().values())
    assert google.Cloud(sites.google).ids() == []


def connects(here: Place, there: Place) -> bool:
    """Tell whether a program in one site's network reaches the API server of another's."""
    program = "import socket, sys; socket.create_connection((sys.argv[1], 6443), timeout=3)"
    words = [*network.inside_of(here.spec), sys.executable, "-c", program, there.spec.address]
    return subprocess.run(words, capture_output=True, check=False).returncode == 0
