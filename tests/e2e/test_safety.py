"""Data that no deployment deletes, and a laboratory that goes away and comes back to its data.

The site is one on a cluster that somebody else runs: an embedded one, named by a context.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
import yaml
from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from sslab.cluster.spec import ClusterSpec
from tests.clusters import embedded_cluster, kubectl, listed
from tests.e2e.conftest import ROOT, Lab, copied_clone, host_footprint
from tests.fleet import staff

pytestmark = pytest.mark.e2e

NAME, DOMAIN = "keeping", "keeping.example.edu"
BUCKET, EXTRA = "fitting-service", "extra"
PATTERN = ROOT / "tests/e2e/sharing"
IMAGES = ("traefik", "seaweedfs", "fitting-service", "z-peak")
OBJECTS = "PersistentVolumeClaim/ssl-object-storage/object-storage"
SHARED, ITS_NAMESPACE = "PersistentVolumeClaim/sharing/shared", "Namespace/sharing"


@dataclass
class Site(Lab):
    """A copy of the clone with one site more, and the cluster that it is on."""

    spec: ClusterSpec | None = None

    @property
    def environment(self) -> dict[str, str]:
        # the pattern of this test is in the copy alone, and the virtual environment is not
        return {**super().environment, "PYTHONPATH": str(self.clone)}

    @property
    def cluster(self) -> ClusterSpec:
        assert self.spec is not None
        return self.spec

    def describe(self, **facts: Any) -> None:
        """Write the site's file; a fact that is None is left out."""
        file = self.clone.parent / "kubeconfig"
        buckets = facts.pop("buckets", [BUCKET, EXTRA])
        known: dict[str, Any] = {
            "name": NAME,
            "title": "A site that keeps its data",
            "cluster": {"kind": "existing", "context": NAME, "kubeconfig": str(file)},
            "quota": {"cpu": "4", "memory": "6Gi", "pods": 50},
            "storage": {"capacity": "10Gi", "rwo_class": "local-path", "rwx_class": "local-path"},
            "ingress": {"kind": "traefik", "domain": DOMAIN, "port": 30080},
            "load_balancing": {"kind": "node-ports"},
            "object_storage": {"kind": "seaweedfs", "capacity": "1Gi", "buckets": buckets},
            "patterns": {"fitting-service": {}, "sharing": {}},
        }
        text = yaml.safe_dump(known | facts)
        (self.clone / f"sites/{NAME}.yaml").write_text(text)

    def up(self) -> subprocess.CompletedProcess[str]:
        return self.sslab("up", NAME, "--yes", "--address", self.cluster.address)

    def destroy(self, *words: str) -> subprocess.CompletedProcess[str]:
        return self.sslab("destroy", NAME, *words)

    def claims(self) -> dict[str, str]:
        """Return the uids of the claims."""
        found = listed(self.cluster.kubeconfig, "persistentvolumeclaims", "--all-namespaces")
        return {each["metadata"]["name"]: each["metadata"]["uid"] for each in found}

    def store(self, method: str, path: str, body: bytes | None = None) -> bytes:
        """Send a request to the object storage as its administrator, and return the answer."""
        pair = [
            self.sslab("secrets", "show", NAME, f"s3-admin-{part}-key").stdout.strip()
            for part in ("access", "secret")
        ]
        url = f"http://s3.{DOMAIN}:30080/{path}"
        signed = AWSRequest(method=method, url=url, data=body)
        S3SigV4Auth(Credentials(*pair), "s3", "us-east-1").add_auth(signed)
        headers = {**dict(signed.headers.items()), "Host": f"s3.{DOMAIN}:30080"}
        at = f"http://{self.cluster.address}:30080/{path}"
        answer = httpx.request(method, at, headers=headers, content=body, trust_env=False)
        assert answer.status_code == 200, answer.text
        return answer.content


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The laboratory, up, with an object in its storage."""
    folder = tmp_path_factory.mktemp("safety")
    clone = copied_clone(folder)
    shutil.copytree(PATTERN, clone / "patterns/sharing")
    with embedded_cluster(folder, NAME, IMAGES) as spec:
        context = staff.joined({NAME: (spec.kubeconfig, None)})
        (folder / "kubeconfig").write_text(context)
        made = Site(clone, folder / "state", host_footprint(), spec=spec)
        made.describe()
        done = made.up()
        assert done.returncode == 0, done.stdout[-3000:] + done.stderr
        for bucket in (BUCKET, EXTRA):
            made.store("PUT", f"{bucket}/note", b"keep me")
        yield made


def test_plain_pulumi_does_not_replace_a_claim(site: Site) -> None:
    before = site.claims()
    site.describe(storage={"capacity": "10Gi", "rwo_class": "other", "rwx_class": "local-path"})
    script = f'eval "$(.venv/bin/sslab env {NAME})" && pulumi up -s {NAME} --yes --skip-preview'
    done = site.run("bash", "-c", f"{script} --non-interactive --color never")
    assert done.returncode != 0
    assert "as it is currently marked for protection" in done.stdout + done.stderr
    assert site.claims() == before


def test_a_field_that_is_fixed_is_refused_before_anything_is_done(site: Site) -> None:
    done = site.up()
    assert done.returncode == 1
    assert f"error: sites/{NAME}.yaml:" in done.stderr
    assert "storage.rwo_class: other cannot take the place of local-path" in done.stderr
    assert "docs/migrations.md#storagerwo_class" in done.stderr
    assert "Deployment" not in done.stderr
    site.describe()


def test_a_claim_that_is_not_asked_for_any_more_stays(site: Site) -> None:
    before = site.claims()
    site.describe(patterns={"fitting-service": {}})
    done = site.up()
    assert done.returncode == 1
    assert f"{SHARED} is protected; if its data may be lost, add to data_loss in" in done.stderr
    assert f"{{object: {SHARED}, reason: <why>, expires: " in done.stderr
    assert "Traceback" not in done.stderr
    assert site.claims() == before
    site.describe()


def test_nothing_is_destroyed_without_the_sites_name(site: Site) -> None:
    asked = site.destroy()
    assert asked.returncode == 1
    assert f"Kept: {OBJECTS} (1Gi): all that is stored" in asked.stdout
    assert f"nothing was changed; add --confirm {NAME}" in asked.stderr
    wrong = site.destroy("--confirm", "another")
    assert (wrong.returncode, "nothing was changed" in wrong.stderr) == (1, True)
    assert listed(site.cluster.kubeconfig, "deployments", "--namespace=fitting-service")


def test_a_destroyed_laboratory_keeps_its_data_and_says_so(site: Site) -> None:
    before = site.claims()
    kubeconfig = site.cluster.kubeconfig
    kubectl(kubeconfig, "create", "configmap", "notes", "--namespace=ssl-object-storage")
    done = site.destroy("--confirm", NAME)
    told = done.stdout.replace("\n  ", " ")
    assert done.returncode == 0, told + done.stderr
    assert f"Kept: {SHARED} (1Gi): all that is stored" in told
    assert "Stays, and is not the laboratory's: ConfigMap ssl-object-storage/notes" in told
    left = told.partition("Left, as announced: ")[2]
    assert OBJECTS in left.partition("\n")[0]
    assert "Left, and not the laboratory's: ConfigMap ssl-object-storage/notes" in left
    assert "SHOULD NOT HAVE" not in told
    assert site.claims() == before
    for kind in ("deployments", "statefulsets", "jobs", "services"):
        found = listed(kubeconfig, kind, "--all-namespaces")
        names = {each["metadata"]["namespace"] for each in found}
        assert not names & {"fitting-service", "sharing", "ssl-ingress", "ssl-object-storage"}
    spaces = {each["metadata"]["name"] for each in listed(kubeconfig, "namespaces")}
    assert {"ssl-object-storage", "sharing"} <= spaces
    assert not {"ssl-ingress", "fitting-service"} & spaces


def test_there_is_nothing_more_to_destroy_but_the_data(site: Site) -> None:
    again = site.destroy()
    assert again.returncode == 0, again.stderr
    assert "nothing is left to take away but the data" in again.stdout


def test_another_up_finds_the_object(site: Site) -> None:
    before = site.claims()
    done = site.up()
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr
    assert site.claims() == before
    assert site.store("GET", f"{BUCKET}/note") == b"keep me"


def test_what_a_line_lets_go_goes_and_nothing_else(site: Site) -> None:
    lines = [
        {"object": each, "reason": "not used any more", "expires": "2099-12-31"}
        for each in (SHARED, ITS_NAMESPACE)
    ]
    site.describe(patterns={"fitting-service": {}}, data_loss=lines, buckets=[BUCKET])
    done = site.up()
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr
    assert set(site.claims()) == {"object-storage"}
    # a bucket that is not in the list any more stays with what is in it
    assert site.store("GET", f"{EXTRA}/note") == b"keep me"


def test_with_its_data_it_goes_though_it_was_killed(site: Site) -> None:
    words = [str(site.clone / ".venv/bin/sslab"), "destroy", NAME, "--with-data", "--confirm", NAME]
    process = subprocess.Popen(
        words,
        cwd=site.clone,
        env=site.environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        stdin=subprocess.DEVNULL,
        start_new_session=True,
    )
    deadline = time.monotonic() + 60
    while process.poll() is None and time.monotonic() < deadline:
        if not listed(site.cluster.kubeconfig, "deployments", "--namespace=fitting-service"):
            os.killpg(process.pid, signal.SIGKILL)
            break
        time.sleep(0.1)
    assert process.wait() == -signal.SIGKILL, "it ended before it could be killed"
    done = site.destroy("--with-data", "--confirm", NAME)
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"Left: the stack {NAME} with its history" in done.stdout
    kubeconfig = site.cluster.kubeconfig
    assert site.claims() == {}
    assert listed(kubeconfig, "persistentvolumes") == []
    spaces = {each["metadata"]["name"] for each in listed(kubeconfig, "namespaces")}
    assert not {each for each in spaces if each.startswith("ssl-")} | (spaces & {"sharing"})
    of_cluster = ("clusterroles", "clusterrolebindings", "ingressclasses")
    names = [each["metadata"]["name"] for each in listed(kubeconfig, ",".join(of_cluster))]
    assert not [name for name in names if "traefik" in name]
    assert json.loads(exported(site))["deployment"].get("resources", []) == []
    assert site.destroy("--confirm", NAME).stdout == f"{NAME}: nothing is deployed\n"


def exported(site: Site) -> str:
    """Return what Pulumi remembers."""
    script = f'eval "$(.venv/bin/sslab env {NAME})" && pulumi stack export -s {NAME}'
    return site.run("bash", "-c", script).stdout
