"""Images from a registry, and folders that pods share, on one embedded cluster.

The registry is Docker's, in a pod at two ports of the node: one takes everybody's images, the other
asks for a password. Its certificate is of an authority that only this test's processes trust.
"""

from __future__ import annotations

import base64
import json
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import yaml

from sslab.cluster.spec import ClusterSpec
from sslab.images import build, content, load, trust
from sslab.paths import cache_dir
from sslab.progress import Progress
from sslab.toolchain import machine
from tests.certificates import Authority
from tests.e2e.conftest import ROOT, Lab, copied_clone, host_footprint, processes_of

pytestmark = pytest.mark.e2e

OPEN, CLOSED, NOBODY = 5000, 5001, 5009
USER = "laboratory:$2b$05$abcdefghijklmnopqrstuu9Avu/WgbsK7g7xfCY1X3pdjsTgxqQLS"
"""A line of htpasswd: bcrypt of PASSWORD."""
PASSWORD = "s3cr3t"
SITE: dict[str, Any] = {
    "name": "local",
    "title": "Layers on an embedded cluster",
    "cluster": {"kind": "local"},
    "quota": {"cpu": "4", "memory": "6Gi", "pods": 50},
    "storage": {"capacity": "10Gi", "rwx_class": "local-path"},
    "ingress": {"kind": "traefik", "domain": "ssl.localhost", "port": 18081},
    "load_balancing": {"kind": "node-ports"},
    "patterns": {"sharing": {}},
}
PATTERN = ROOT / "tests/e2e/sharing"


@dataclass
class Trusting(Lab):
    """A laboratory whose processes trust one authority more; `login` is its file of passwords."""

    login: Path = field(default=Path("/nonexistent"))

    @property
    def environment(self) -> dict[str, str]:
        more = {
            "SSL_CERT_FILE": str(self.clone.parent / "bundle.crt"),
            "REGISTRY_AUTH_FILE": str(self.login),
            # the pattern of this test is in the copy alone, and the virtual environment is not
            "PYTHONPATH": str(self.clone),
        }
        return {**super().environment, **more}

    @property
    def spec(self) -> ClusterSpec:
        known = ClusterSpec.load(self.home)
        assert known is not None
        return known

    def describe(self, **facts: Any) -> None:
        """Write the site's file."""
        (self.clone / "sites/local.yaml").write_text(yaml.safe_dump({**SITE, **facts}))

    def pulls_from(self, port: int) -> str:
        """Let the site name the registry at a port; return its path."""
        path = f"{self.spec.address}:{port}/ssl"
        self.describe(registry={"images": path})
        return path

    def logs_in(self, port: int, password: str) -> None:
        """Keep credentials for the registry at a port as docker keeps them."""
        self.login = self.clone.parent / "auth.json"
        auth = base64.b64encode(f"laboratory:{password}".encode()).decode()
        known = {"auths": {f"{self.spec.address}:{port}": {"auth": auth}}}
        self.login.write_text(json.dumps(known))

    def namespaces(self) -> set[str]:
        found = json.loads(self.kubectl("get", "namespaces", "-o", "json"))["items"]
        return {each["metadata"]["name"] for each in found}


def registry(image: str, files: Mapping[str, str]) -> dict[str, Any]:
    """Return the registry's pod, with its files as a Secret."""
    names = {"name": "registry", "namespace": "default"}
    mounts = [
        {"name": "files", "mountPath": "/etc/registry"},
        {"name": "images", "mountPath": "/images"},
    ]
    pod = {
        "hostNetwork": True,
        "automountServiceAccountToken": False,
        "securityContext": {"fsGroup": 65532},
        "volumes": [
            {"name": "files", "secret": {"secretName": "registry"}},
            {"name": "images", "emptyDir": {}},
        ],
        "containers": [
            {
                "name": f"at-{port}",
                "image": image,
                "args": [f"/etc/registry/{port}.yml"],
                "volumeMounts": mounts,
                "readinessProbe": {"tcpSocket": {"port": port}, "periodSeconds": 1},
            }
            for port in (OPEN, CLOSED)
        ],
    }
    items = [
        {"apiVersion": "v1", "kind": "Secret", "metadata": names, "stringData": dict(files)},
        {"apiVersion": "v1", "kind": "Pod", "metadata": names, "spec": pod},
    ]
    return {"apiVersion": "v1", "kind": "List", "items": items}


def configuration(port: int) -> str:
    folder = "/etc/registry"
    tls = {"certificate": f"{folder}/tls.crt", "key": f"{folder}/tls.key"}
    text: dict[str, Any] = {
        "version": 0.1,
        "log": {"level": "error"},
        "storage": {"filesystem": {"rootdirectory": f"/images/{port}"}},
        "http": {"addr": f":{port}", "tls": tls},
    }
    if port == CLOSED:
        text["auth"] = {"htpasswd": {"realm": "lab", "path": f"{folder}/htpasswd"}}
    return yaml.safe_dump(text)


def run_registry(lab: Trusting, authority: Authority) -> None:
    """Run the registry, with a certificate for the node's address."""
    spec = lab.spec
    pair = authority.sign("registry", f"IP:{spec.address}")
    files = {f"{port}.yml": configuration(port) for port in (OPEN, CLOSED)}
    files |= {"tls.crt": pair.certificate.read_text(), "tls.key": pair.key.read_text()}
    archives = build.ensure(["registry"], repository=ROOT, cache=cache_dir(), progress=Progress())
    load.load(archives, address=spec.containerd_socket)
    pod = registry(content.archive_reference(archives["registry"]), {**files, "htpasswd": USER})
    # a new cluster has it a moment after its API server, and no pod before
    lab.kubectl("wait", "serviceaccount/default", "--for=create", "--timeout=60s")
    lab.kubectl("apply", "-f", "-", stdin=json.dumps(pod))
    lab.kubectl("wait", "pod/registry", "--for=condition=Ready", "--timeout=60s")


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Trusting]:
    """A cluster with a registry and nothing of the laboratory's, and a pattern that shares."""
    folder = tmp_path_factory.mktemp("layers")
    clone = copied_clone(folder)
    shutil.copytree(PATTERN, clone / "patterns/sharing")
    machine.ensure(Progress(), machine.PUSHING)
    authority = Authority(folder / "authority")
    trusted = trust.certificate_bundle()
    known = trusted.read_text() if trusted else ""
    (folder / "bundle.crt").write_text(f"{known}\n{authority.certificate.read_text()}")
    made = Trusting(clone, folder / "state", host_footprint())
    try:
        # with a registry the node is given none of the laboratory's images
        made.describe(registry={"images": "registry.example.edu/ssl"})
        started = made.sslab("cluster", "start", "local", timeout_s=5000)
        assert started.returncode == 0, started.stderr
        run_registry(made, authority)
        yield made
    finally:
        made.run("make", "down", timeout_s=300)


def refused(lab: Trusting) -> str:
    """Bring the laboratory up in vain; return what is told, when nothing was deployed."""
    done = lab.sslab("up", "local")
    assert done.returncode == 1, done.stdout
    assert "Traceback" not in done.stderr
    assert "Deployment" not in done.stderr
    assert "ssl-ingress" not in lab.namespaces()
    return done.stderr


def test_a_registry_that_does_not_answer_is_told_and_nothing_is_deployed(lab: Trusting) -> None:
    path = lab.pulls_from(NOBODY)
    told = refused(lab)
    assert f"sites/local.yaml: registry.images: {path}: cannot be reached by https" in told
    assert "connection refused; see that the address is right" in told


def test_missing_credentials_are_told_and_nothing_is_deployed(lab: Trusting) -> None:
    path = lab.pulls_from(CLOSED)
    told = refused(lab)
    assert f"sites/local.yaml: registry.images: {path}: looking for images: the registry" in told
    assert "asks for credentials, and there are none" in told
    assert f"`skopeo login {lab.spec.address}:{CLOSED}`" in told


def test_a_wrong_password_is_told_and_nothing_is_deployed(lab: Trusting) -> None:
    lab.pulls_from(CLOSED)
    lab.logs_in(CLOSED, "wrong")
    told = refused(lab)
    assert "the registry refuses the credentials that this machine has" in told
    assert "REGISTRY_AUTH_FILE" in told
    assert "wrong" not in told


def test_with_the_right_password_images_are_pushed_once(lab: Trusting) -> None:
    path = lab.pulls_from(CLOSED)
    lab.logs_in(CLOSED, PASSWORD)
    first = lab.sslab("images", "push", "local")
    assert first.returncode == 0, first.stderr
    assert f"  {path}: 2 images pushed, 0 were there" in first.stderr
    second = lab.sslab("images", "push", "local")
    assert f"  {path}: 0 images pushed, 2 were there" in second.stderr
    assert "pushing image" not in second.stderr


def test_the_nodes_pull_what_was_pushed_and_two_pods_share_a_folder(lab: Trusting) -> None:
    path = lab.pulls_from(OPEN)
    done = lab.sslab("up", "local")
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"{path}: 2 images pushed, 0 were there" in done.stderr
    pods = json.loads(lab.kubectl("get", "pods", "-A", "-o", "json"))["items"]
    ours = {pod["metadata"]["namespace"]: pod for pod in pods}
    ours.pop("default")
    assert set(ours) == {"ssl-ingress", "sharing"}
    digests = load.digests(lab.spec.containerd_socket)
    for pod in pods:
        if pod["metadata"]["namespace"] in ours:
            (container,) = pod["spec"]["containers"]
            assert container["image"].startswith(f"{path}/")
            assert digests[container["image"]].startswith("sha256:")
    # the reader has compared what it found
    jobs = json.loads(lab.kubectl("get", "jobs", "-n", "sharing", "-o", "json"))["items"]
    assert {job["metadata"]["name"]: job["status"]["succeeded"] for job in jobs} == {
        "writer": 1,
        "reader": 1,
    }
    claim = json.loads(lab.kubectl("get", "pvc", "-n", "sharing", "shared", "-o", "json"))
    assert claim["spec"]["accessModes"] == ["ReadWriteMany"]
    assert claim["spec"]["storageClassName"] == "local-path"


def test_a_claim_on_a_file_server_is_bound_and_its_files_stay(lab: Trusting) -> None:
    server = {"kind": "nfs", "server": "nfs.example.edu", "path": "/export/ssl"}
    registry = {"images": f"{lab.spec.address}:{OPEN}/ssl"}
    claim = "PersistentVolumeClaim/sharing/shared"
    lost = {"object": claim, "reason": "another kind of folder", "expires": "2099-12-31"}
    storage = {"capacity": "10Gi", "rwx_server": server}
    lab.describe(storage=storage, registry=registry, data_loss=[lost])
    done = lab.sslab("up", "local")
    assert done.returncode == 0, done.stdout + done.stderr
    claim = json.loads(lab.kubectl("get", "pvc", "-n", "sharing", "shared-nfs", "-o", "json"))
    assert claim["status"]["phase"] == "Bound"
    volume = json.loads(lab.kubectl("get", "pv", claim["spec"]["volumeName"], "-o", "json"))
    assert volume["spec"]["claimRef"]["uid"] == claim["metadata"]["uid"]
    assert volume["spec"]["persistentVolumeReclaimPolicy"] == "Retain"
    assert volume["spec"]["nfs"] == {"server": "nfs.example.edu", "path": "/export/ssl"}


def test_another_up_changes_nothing(lab: Trusting) -> None:
    # the API server writes who has bound a volume into its claimRef, which is no drift
    up = (
        'eval "$(.venv/bin/sslab env local)" && pulumi up -s local --yes --skip-preview --refresh '
        "--expect-no-changes --non-interactive --color never --suppress-progress"
    )
    done = lab.run("bash", "-c", up)
    assert done.returncode == 0, done.stdout + done.stderr


def test_down_leaves_nothing(lab: Trusting) -> None:
    where = Path(lab.home)
    down = lab.run("make", "down")
    assert down.returncode == 0, down.stderr
    assert processes_of(lab.state) == []
    assert not where.exists()
