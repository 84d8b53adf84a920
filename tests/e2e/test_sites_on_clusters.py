"""The founding sites with clusters of their own, and tenants of such: side by side.

Chicago's, NYU's and SDSC's files and that of a tenant at NYU, each on an embedded cluster whose
kubeconfig takes the place of theirs. docs/layers.md says what that leaves untested.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.clusters import command
from tests.e2e.conftest import copied
from tests.fleet import side_by_side
from tests.fleet.sites import ON_CLUSTERS, TENANT, Fleet, fleet
from tests.fleet.unanswered import told_soon

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def sites(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fleet]:
    """The sites, up at the same time."""
    folder = tmp_path_factory.mktemp("sites")
    with fleet(copied(folder, 18086), folder, None, ON_CLUSTERS) as made:
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


@pytest.mark.parametrize("words", [("up", "nyu", "--yes"), ("check", "nyu"), ("destroy", "nyu")])
def test_a_cluster_that_does_not_answer_is_told_soon(sites: Fleet, words: tuple[str, ...]) -> None:
    told_soon(sites, "nyu", words, "cluster.context: the cluster of the context ssl-nyu")


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


def test_every_site_goes_away_and_leaves_nothing(sites: Fleet) -> None:
    side_by_side.all_go_away(sites)
