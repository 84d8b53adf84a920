"""What `sslab render` writes, on a real API server: for every active site, on an empty cluster."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from sslab.site.loading import load_site
from tests.e2e.conftest import ROOT, Lab, copied

pytestmark = pytest.mark.e2e
SITES = sorted(
    path.stem
    for path in (ROOT / "sites").glob("*.yaml")
    if load_site(path, ROOT).status == "active"
)
FOREIGN = ("gateway.networking.k8s.io",)  # groups whose definitions an empty cluster lacks


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """A cluster on which nothing is deployed."""
    made = copied(tmp_path_factory.mktemp("empty"), 18085)
    try:
        started = made.sslab("cluster", "start", "local", timeout_s=5000)
        assert started.returncode == 0, started.stdout + started.stderr
        yield made
    finally:
        made.sslab("destroy", "local", "--yes")


@pytest.mark.parametrize("site", SITES)
def test_the_api_server_takes_every_object_of_a_site(site: str, empty: Lab, tmp_path: Path) -> None:
    rendered = empty.sslab("render", site, "-o", str(tmp_path))
    assert rendered.returncode == 0, rendered.stderr
    left = [
        line
        for line in rendered.stdout.splitlines()
        # the objects of a chart are not covered: nothing but a deployment looks into it
        if "left out" in line and ":Chart " not in line
    ]
    clouds = {"gke": "gcp:", "openstack": "openstack:"}
    cloud = clouds.get(load_site(ROOT / "sites" / f"{site}.yaml", ROOT).cluster.kind)
    assert bool(left) is (cloud is not None)
    assert all(f"left out: {cloud}" in line for line in left)
    names = yaml.safe_load((tmp_path / "kustomization.yaml").read_text())["resources"]
    manifests = [yaml.safe_load((tmp_path / name).read_text()) for name in names]
    assert {each["kind"] for each in manifests} >= {"Deployment", "Service", "Job"}
    assert not [each for each in manifests if each["apiVersion"].startswith(FOREIGN)]
    namespaces = {str(each["metadata"].get("namespace", "default")) for each in manifests}
    made = "".join(
        yaml.dump({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}) + "---\n"
        for name in sorted(namespaces - {"default"})
    )
    empty.kubectl("apply", "--server-side", "-f", "-", stdin=made)
    try:
        taken = empty.kubectl(
            "apply", "--server-side", "--force-conflicts", "--dry-run=server", "-k", str(tmp_path)
        )
    finally:
        empty.kubectl("delete", "--wait", "-f", "-", stdin=made)
    assert taken.count("serverside-applied (server dry run)") == len(names)


def test_the_rendered_tree_is_what_pulumi_deploys(lab: Lab, tmp_path: Path) -> None:
    rendered = lab.sslab("render", "local", "-o", str(tmp_path))
    assert rendered.returncode == 0, rendered.stderr
    differences = [
        line.strip("+- ")
        for line in lab.kubectl_diff("-k", str(tmp_path)).splitlines()
        if line.startswith(("+", "-")) and not line.startswith(("+++", "---"))
    ]
    # the hash of secrets that a rendering does not know, and the generation that follows from it
    assert {line.partition(":")[0] for line in differences} <= {"ssl/secrets", "generation"}


def test_the_secrets_of_a_rendering_are_those_that_run(lab: Lab) -> None:
    printed = lab.sslab("secrets", "manifests", "local")
    assert printed.returncode == 0, printed.stderr
    assert "Secret" in printed.stdout
    assert lab.kubectl_diff("-f", "-", stdin=printed.stdout) == ""
