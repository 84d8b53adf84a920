"""The cluster at Google by the real engine, against a stand-in for the provider's plugin.

Only the cluster is made: the program is the cluster's part of the laboratory's.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from sslab.drift.compare import drifted_objects
from sslab.drift.model import ObjectDrift
from sslab.engine.drift import refreshed
from sslab.engine.environment import prepare
from sslab.engine.errors import EngineError
from sslab.engine.stack import Stack
from sslab.paths import cache_dir
from sslab.progress import Progress
from sslab.site.loading import load_site
from sslab.toolchain import found
from sslab.toolchain.build import Toolchain
from tests.e2e.conftest import ROOT, copied
from tests.gcp_provider.cloud import ADDRESS, ENDPOINT, Cloud
from tests.gcp_provider.installing import install

pytestmark = pytest.mark.e2e
SITE = "gke"
PROGRAM = """
from pathlib import Path
import pulumi
from components.clusters.making import MakingArgs, make_cluster
from sslab.site.loading import load_site

made = make_cluster(
    MakingArgs(site=load_site(Path("sites/gke.yaml").absolute()), secrets={}, kubeconfig=None),
    pulumi.ResourceOptions(),
)
for name, value in made.by_name().items():
    pulumi.export(name, value)
"""


@dataclass
class Google:
    """A copy of the clone whose program makes the cluster alone, its stack, and the cloud."""

    clone: Path
    cloud: Cloud
    stack: Stack
    environment: dict[str, str]

    def change(self, old: str, new: str) -> None:
        """Replace a text in the site file."""
        file = self.clone / "sites" / f"{SITE}.yaml"
        text = file.read_text()
        assert old in text
        file.write_text(text.replace(old, new))

    def pulumi(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run Pulumi on the stack."""
        return subprocess.run(
            ["pulumi", *words, "--stack", SITE, "--non-interactive"],
            cwd=self.clone,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )

    def up(self) -> None:
        """Deploy as `sslab up` does."""
        self.stack.up(refresh=False, interactive=False)


@pytest.fixture(scope="module")
def google(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Google]:
    with pytest.MonkeyPatch.context() as patch:
        folder = tmp_path_factory.mktemp("google")
        patch.setenv("XDG_STATE_HOME", str(folder / "state"))
        clone = copied(folder, 18082).clone
        (clone / "__main__.py").write_text(PROGRAM)
        file = clone / "sites" / f"{SITE}.yaml"
        file.write_text(file.read_text().replace("project: null ", "project: paying "))
        toolchain = Toolchain(ROOT / "toolchain", cache_dir())
        toolchain.ensure(found.engine(toolchain)[1], Progress())
        site = load_site(file)
        environment = prepare(site, toolchain)
        cloud = install(Path(environment["PULUMI_HOME"]), folder / "cloud")
        stack = Stack(clone, site, environment)
        stack.ensure()
        yield Google(clone, cloud, stack, environment)


def test_a_deployment_makes_the_cluster_and_all_around_it(google: Google) -> None:
    google.up()
    made = google.cloud.ids()
    assert "container/cluster/ssl-gke" in made
    assert {each for each in made if "nodePool" in each} == {
        "container/nodePool/workers",
        "container/nodePool/burst",
    }
    outputs = google.stack.outputs()
    assert outputs["address"] == ADDRESS
    (cluster,) = json.loads(outputs["kubeconfig"])["clusters"]
    assert cluster["cluster"]["server"] == f"https://{ENDPOINT}"
    keys = {name for name in outputs if name.startswith("s3-")}
    assert len(keys) == 4
    hidden = google.pulumi("stack", "output", "--json").stdout
    assert json.loads(hidden)["kubeconfig"] == "[secret]"
    assert outputs["s3-z-peak-secret-key"] not in hidden


def test_a_second_deployment_changes_nothing(google: Google) -> None:
    before = google.cloud.ids()
    again = google.pulumi("preview", "--expect-no-changes", "--refresh")
    assert again.returncode == 0, again.stdout + again.stderr
    google.up()
    assert google.cloud.ids() == before


def test_what_the_cloud_has_lost_or_changed_is_drift_and_mended(google: Google) -> None:
    site = load_site(google.clone / "sites" / f"{SITE}.yaml")

    def drift() -> dict[str, ObjectDrift]:
        found = drifted_objects(refreshed(google.clone, site, google.environment))
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
    google.stack.up(refresh=True, interactive=False)
    assert drift() == {}
    assert google.cloud.found("container/nodePool/workers") == pool


def test_a_pool_grows_in_place(google: Google) -> None:
    google.change("most: 16", "most: 8")
    shown = google.pulumi("preview", "--json")
    assert shown.returncode == 0, shown.stderr
    assert {step["op"] for step in json.loads(shown.stdout)["steps"] if step["op"] != "same"} == {
        "update"
    }
    google.up()


def test_a_refused_quota_is_told_in_the_words_of_the_site_file(google: Google) -> None:
    google.cloud.refusals.write_text(
        json.dumps(
            {
                "gcp:filestore/instance:Instance": "googleapi: Error 403: Quota "
                "'STANDARD_STORAGE_GB' exceeded. Limit: 512.0 in region us-central1., quotaExceeded"
            }
        )
    )
    google.change("  node_pools: ", "  filestore: 1Ti\n  node_pools: ")
    with pytest.raises(EngineError) as refused:
        google.up()
    assert str(refused.value) == (
        "the deployment failed: the account's limit STANDARD_STORAGE_GB is 512.0: ask Google to "
        "raise it, or lower cluster.node_pools in sites/gke.yaml; then run the same command again: "
        "what is done is not done twice"
    )
    google.cloud.refusals.unlink()
    google.up()
    assert google.stack.outputs()["file-server"] == "10.0.8.2:/ssl"


def test_what_the_sdk_does_not_know_is_refused(google: Google) -> None:
    program = google.clone / "components/clusters/google.py"
    right = program.read_text()
    wrong = right.replace("remove_default_node_pool=True", 'remove_default_node_pool="yes"')
    assert wrong != right
    program.write_text(wrong)
    refused = google.pulumi("preview")
    program.write_text(right)
    assert refused.returncode != 0
    assert "removeDefaultNodePool" in refused.stdout + refused.stderr


def test_a_destroyed_stack_leaves_nothing(google: Google) -> None:
    gone = google.pulumi("destroy", "--yes")
    assert gone.returncode == 0, gone.stdout + gone.stderr
    assert google.cloud.ids() == []
