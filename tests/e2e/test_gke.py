"""The cluster at Google by the real engine, against a stand-in for the provider's plugin.

Only the cluster is made: the program is the cluster's part of the laboratory's.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from sslab.drift.compare import drifted_objects
from sslab.drift.model import ObjectDrift
from sslab.engine.drift import refreshed
from sslab.site.loading import load_site
from tests.e2e.conftest import copied_clone
from tests.fleet.alone import Alone, alone
from tests.gcp_provider.cloud import ADDRESS, ENDPOINT, Cloud
from tests.gcp_provider.installing import install

pytestmark = pytest.mark.e2e
SITE = "gke"
EXPIRED = (  # in Google's words, as are those below
    "Error creating Network: googleapi: Error 401: Request had invalid authentication "
    "credentials. Expected OAuth 2 access token, login cookie or other valid authentication "
    "credential., ACCESS_TOKEN_EXPIRED"
)
NO_CORES = (
    "error creating NodePool: googleapi: Error 403: Insufficient regional quota to satisfy "
    "request: resource \"CPUS\": request requires '8.0' and is short '4.0'. project has a quota "
    "of '24.0' with '4.0' available. View and manage quotas at https://console.cloud.google.com"
)
NO_STORAGE = (
    "Error creating Instance: googleapi: Error 429: Quota limit 'StandardStorageGbPerRegion' has "
    "been exceeded. Limit: 512 in region us-central1."
)
AGAIN = "then run the same command again: what is done is not done twice"


class Google(NamedTuple):
    """The cluster's stack, and the cloud."""

    site: Alone
    cloud: Cloud

    def refuses(self, token: str, words: str) -> str:
        """Deploy while the cloud refuses a kind of resource; return the message."""
        self.cloud.refusals.write_text(json.dumps({token: words}))
        try:
            return self.site.refused()
        finally:
            self.cloud.refusals.unlink()


@pytest.fixture(scope="module")
def google(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Google]:
    with pytest.MonkeyPatch.context() as patch:
        folder = tmp_path_factory.mktemp("google")
        patch.setenv("XDG_STATE_HOME", str(folder / "state"))
        clone, cloud = copied_clone(folder), Cloud(folder / "cloud")
        file = clone / "sites" / f"{SITE}.yaml"
        file.write_text(file.read_text().replace("project: null ", "project: paying "))
        site = alone(clone, SITE, lambda own: install(Path(own["PULUMI_HOME"]), folder / "cloud"))
        yield Google(site, cloud)


def test_expired_credentials_are_told_and_nothing_is_made(google: Google) -> None:
    assert google.refuses("*", EXPIRED) == (
        "the deployment failed: the credentials for Google Cloud have expired or are not there: "
        "run `gcloud auth application-default login`, or give a new token where "
        f"GOOGLE_OAUTH_ACCESS_TOKEN has one; {AGAIN}"
    )
    assert google.cloud.ids() == []


def test_what_a_quota_left_half_made_goes_away(google: Google) -> None:
    assert google.refuses("gcp:container/nodePool:NodePool", NO_CORES) == (
        "the deployment failed: the account's limit CPUS is 24.0: ask Google to raise it, or lower "
        f"cluster.node_pools in sites/gke.yaml; {AGAIN}"
    )
    assert "container/cluster/ssl-gke" in google.cloud.ids()
    gone = google.site.pulumi("destroy", "--yes")
    assert gone.returncode == 0, gone.stdout + gone.stderr
    assert google.cloud.ids() == []


def test_a_deployment_makes_the_cluster_and_all_around_it(google: Google) -> None:
    google.site.up()
    made = google.cloud.ids()
    assert "container/cluster/ssl-gke" in made
    assert {each for each in made if "nodePool" in each} == {
        "container/nodePool/workers",
        "container/nodePool/burst",
    }
    outputs = google.site.stack.outputs()
    assert outputs["address"] == ADDRESS
    (cluster,) = json.loads(outputs["kubeconfig"])["clusters"]
    assert cluster["cluster"]["server"] == f"https://{ENDPOINT}"
    keys = {name for name in outputs if name.startswith("s3-")}
    assert len(keys) == 4
    hidden = google.site.pulumi("stack", "output", "--json").stdout
    assert json.loads(hidden)["kubeconfig"] == "[secret]"
    assert outputs["s3-z-peak-secret-key"] not in hidden


def test_another_deployment_changes_nothing(google: Google) -> None:
    again = google.site.pulumi("preview", "--expect-no-changes", "--refresh")
    assert again.returncode == 0, again.stdout + again.stderr


def test_what_the_cloud_has_lost_or_changed_is_drift_and_mended(google: Google) -> None:
    site, stack = google.site, google.site.stack
    described = load_site(site.clone / "sites" / f"{SITE}.yaml")

    def drift() -> dict[str, ObjectDrift]:
        found = drifted_objects(refreshed(site.clone, described, site.environment))
        return {each.name: each for each in found}

    assert drift() == {}
    pool = google.cloud.found("container/nodePool/workers")
    assert pool is not None
    changed = {**pool, "autoscaling": {**pool["autoscaling"], "totalMaxNodeCount": 99}}
    google.cloud.keep("container/nodePool/workers", changed)
    google.cloud.delete("container/nodePool/burst")
    found = drift()
    assert {name: each.change for name, each in found.items()} == {
        "burst": "gone",
        "workers": "changed",
    }
    (field,) = found["workers"].fields
    assert field.path == "autoscaling"
    assert field.deployed == pool["autoscaling"]
    assert field.found["totalMaxNodeCount"] == 99
    stack.up(refresh=True, interactive=False)
    assert drift() == {}
    assert google.cloud.found("container/nodePool/workers") == pool


def test_a_pool_grows_in_place(google: Google) -> None:
    google.site.change("most: 16", "most: 8")
    shown = google.site.pulumi("preview", "--json")
    assert shown.returncode == 0, shown.stderr
    assert {step["op"] for step in json.loads(shown.stdout)["steps"] if step["op"] != "same"} == {
        "update"
    }


def test_a_refused_quota_is_told_and_the_next_deployment_goes_on(google: Google) -> None:
    google.site.change("  node_pools: ", "  filestore: 1Ti\n  node_pools: ")
    assert google.refuses("gcp:filestore/instance:Instance", NO_STORAGE) == (
        "the deployment failed: the account's limit StandardStorageGbPerRegion is 512: ask Google "
        f"to raise it, or lower cluster.filestore in sites/gke.yaml; {AGAIN}"
    )
    google.site.up()
    assert google.site.stack.outputs()["file-server"] == "10.0.8.2:/ssl"


def test_what_the_sdk_does_not_know_is_refused(google: Google) -> None:
    program = google.site.clone / "components/clusters/google.py"
    right = program.read_text()
    wrong = right.replace("remove_default_node_pool=True", 'remove_default_node_pool="yes"')
    assert wrong != right
    program.write_text(wrong)
    refused = google.site.pulumi("preview")
    program.write_text(right)
    assert refused.returncode != 0
    assert "removeDefaultNodePool" in refused.stdout + refused.stderr


def test_a_destroyed_stack_leaves_nothing(google: Google) -> None:
    gone = google.site.pulumi("destroy", "--yes")
    assert gone.returncode == 0, gone.stdout + gone.stderr
    assert google.cloud.ids() == []
