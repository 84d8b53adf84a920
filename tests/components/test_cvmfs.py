from __future__ import annotations

from typing import Any

import pytest

from components.charts import ChartRules, from_mirror, pod_changes
from components.cvmfs import Cvmfs, CvmfsArgs, CvmfsMount
from sslab.catalogue import loading
from sslab.catalogue.contract import Contract
from sslab.site.substrate import ClassCvmfs
from tests.components import recording
from tests.components.recording import Recording, record, record_laboratory, site

REPOSITORIES = ["atlas.cern.ch", "sft.cern.ch"]
CSI: dict[str, Any] = {"kind": "csi", "repositories": REPOSITORIES, "cache": "20Gi"}
HOST = {"kind": "host", "repositories": REPOSITORIES, "path": "/srv/cvmfs"}
CLASS = {"kind": "class", "repositories": REPOSITORIES, "class_name": "campus-cvmfs"}
POWERS = {"scope": "cluster", "privileged": True, "host_path": True}
TENANT = {"scope": "namespace", "namespaces": ["given"]}
REACHED = {"kind": "class", "class_name": "nginx", "domain": "ssl.example.edu"}


@pytest.fixture(autouse=True)
def both_patterns_mount_cvmfs(monkeypatch: pytest.MonkeyPatch) -> None:
    """No pattern of the repository mounts CVMFS yet, so those that there are do so here."""

    def contracts(*args: Any) -> dict[str, Contract]:
        return {
            name: each.model_copy(
                update={"needs": each.needs.model_copy(update={"cvmfs": ("sft.cern.ch",)})}
            )
            for name, each in loading.load_contracts(*args).items()
        }

    monkeypatch.setattr(recording, "load_contracts", contracts)


def laboratory(offered: dict[str, Any] | None, **changes: Any) -> Recording:
    return record_laboratory(site(cvmfs=offered, **{"privilege": POWERS, **changes}))


def values(of: Recording) -> dict[str, Any]:
    found: dict[str, Any] = of.token("kubernetes:helm.sh/v4:Chart").props["values"]
    return found


def client(of: Recording) -> dict[str, str]:
    text = values(of)["extraConfigMaps"]["cvmfs-csi-default-local"]["default.local"]
    return dict(line.split("=", 1) for line in text.splitlines())


@pytest.mark.parametrize("offered", [None, {"kind": "none"}])
def test_a_site_without_cvmfs_gets_nothing_of_it(offered: dict[str, Any] | None) -> None:
    made = laboratory(offered)
    assert made.of("PersistentVolume") == []
    assert not [each for each in made if each.token.endswith((":Cvmfs", ":Squid"))]
    assert not [each for each in made.of("PersistentVolumeClaim") if each.name.startswith("cvmfs")]


@pytest.mark.parametrize(
    ("offered", "storage_class"), [(CSI, "cvmfs"), (HOST, ""), (CLASS, "campus-cvmfs")]
)
def test_each_pattern_that_mounts_it_has_the_same_claim(
    offered: dict[str, Any], storage_class: str
) -> None:
    made = laboratory(offered)
    for namespace in ("fitting-service", "z-peak"):
        claim = made.one("PersistentVolumeClaim", "cvmfs", namespace)
        assert claim.spec["accessModes"] == ["ReadOnlyMany"]
        assert claim.spec["storageClassName"] == storage_class
    quota = made.one("ResourceQuota", "z-peak-quota")
    assert quota.spec["hard"]["requests.storage"] == "1Mi"


def test_folders_of_the_nodes_are_volumes_for_one_claim_each() -> None:
    made = laboratory(HOST)
    volume = made.one("PersistentVolume", "ssl-cvmfs-z-peak")
    assert volume.spec["hostPath"] == {"path": "/srv/cvmfs", "type": "Directory"}
    assert volume.spec["claimRef"]["namespace"] == "z-peak"
    assert volume.spec["claimRef"]["name"] == "cvmfs"
    assert volume.spec["persistentVolumeReclaimPolicy"] == "Retain"
    assert made.one("PersistentVolumeClaim", "cvmfs", "z-peak").spec["volumeName"] == (
        "ssl-cvmfs-z-peak"
    )
    assert not [each for each in made if each.kind == "Chart"]


def test_a_tenants_patterns_share_one_claim_and_nothing_is_of_the_cluster() -> None:
    made = laboratory(CLASS, privilege=TENANT, ingress=REACHED)
    assert made.one("PersistentVolumeClaim", "cvmfs").namespace == "given"
    assert made.of("PersistentVolume") == made.of("StorageClass") == []


def test_the_mount_is_to_read_only_and_sees_what_is_mounted_later() -> None:
    offered = ClassCvmfs.model_validate(CLASS)
    found: list[CvmfsMount] = []

    def program() -> None:
        cvmfs = Cvmfs("cvmfs", CvmfsArgs(offered=offered, namespaces={"given": "given"}))
        found.append(cvmfs.mounts["given"])

    record(program)
    mount = found[0].mount
    assert (mount.name, mount.mount_path, mount.read_only, mount.mount_propagation) == (
        "cvmfs", "/cvmfs", True, "HostToContainer",
    )  # fmt: skip
    assert found[0].volume.name == "cvmfs"


def test_the_driver_asks_the_laboratorys_squid_and_never_cerns() -> None:
    made = laboratory(CSI)
    told = client(made)
    assert told["CVMFS_HTTP_PROXY"] == '"http://squid.ssl-squid.svc.cluster.local:3128"'
    assert told["CVMFS_REPOSITORIES"] == "atlas.cern.ch,sft.cern.ch,cvmfs-config.cern.ch"
    assert told["CVMFS_STRICT_MOUNT"] == "yes"
    assert told["CVMFS_QUOTA_LIMIT"] == "20480"
    assert values(made)["cache"]["local"]["cvmfsQuotaLimit"] == 20480
    assert "ca-proxy" not in str(values(made))


def test_the_sites_own_squids_take_the_place_of_ours() -> None:
    made = laboratory({**CSI, "proxies": ["http://one.example.edu:3128", "http://two:3128"]})
    assert client(made)["CVMFS_HTTP_PROXY"] == '"http://one.example.edu:3128|http://two:3128"'
    assert not [each for each in made if each.token.endswith(":Squid")]
    assert "ssl-squid" not in {each.metadata["name"] for each in made.of("Namespace")}


def test_the_driver_is_of_the_published_chart_in_a_namespace_for_the_privileged() -> None:
    made = laboratory(CSI)
    chart = made.token("kubernetes:helm.sh/v4:Chart")
    assert chart.props["chart"] == "oci://registry.cern.ch/kubernetes/charts/cvmfs-csi"
    assert chart.props["version"] == "2.5.2"
    assert chart.props["namespace"] == "ssl-cvmfs"
    level = "pod-security.kubernetes.io/enforce"
    assert made.one("Namespace", "ssl-cvmfs").metadata["labels"][level] == "privileged"
    assert made.one("Namespace", "ssl-squid").metadata["labels"][level] == "restricted"
    # a node plugin on each node, however many
    assert "ssl-cvmfs" not in {each.namespace for each in made.of("ResourceQuota")}
    offered = made.one("StorageClass", "cvmfs")
    assert offered.props["provisioner"] == "cvmfs.csi.cern.ch"
    assert chart.urn in offered.depends_on


def test_every_container_of_the_driver_is_bounded_by_the_rules_of_the_house() -> None:
    made = laboratory(CSI, rules={"limits_over_requests_percent": 20})
    bounded = {
        "requests": {"cpu": "50m", "memory": "256Mi"},
        "limits": {"cpu": "60m", "memory": "322122547"},
    }
    found = values(made)
    for part in ("plugin", "automount", "automountReconciler", "singlemount", "registrar"):
        assert found["nodeplugin"][part]["resources"] == bounded
    for part in ("plugin", "provisioner"):
        assert found["controllerplugin"][part]["resources"] == bounded


def test_squid_is_as_restricted_as_any_other_pod() -> None:
    made = laboratory(CSI)
    squid = made.one("Deployment", "squid")
    assert squid.namespace == "ssl-squid"
    assert squid.pod["securityContext"]["runAsUser"] == 65532
    container = squid.container("squid")
    assert container["securityContext"]["readOnlyRootFilesystem"] is True
    assert container["resources"]["limits"] == {"cpu": "1", "memory": "768Mi"}
    assert made.one("Service", "squid").spec["ports"][0]["port"] == 3128


@pytest.mark.parametrize(
    ("image", "expected"),
    [
        ("registry.cern.ch/kubernetes/cvmfs-csi:v1", "m.edu/x/kubernetes/cvmfs-csi:v1"),
        ("localhost:5000/a@sha256:0", "m.edu/x/a@sha256:0"),
        ("grafana/grafana:1", "m.edu/x/grafana/grafana:1"),
        ("nginx:1", "m.edu/x/library/nginx:1"),
        ("m.edu/x/a:1", "m.edu/x/a:1"),
    ],
)
def test_the_mirror_takes_the_place_of_an_images_registry(image: str, expected: str) -> None:
    assert from_mirror(image, "m.edu/x") == expected


def test_a_charts_pods_keep_to_what_the_site_asks() -> None:
    spec = {"containers": [{"name": "a", "image": "r.io/a:1", "args": ["b"]}]}
    assert pod_changes(spec, ChartRules(mirror="m.edu", pull_secret="pull")) == {
        "containers": [{"name": "a", "image": "m.edu/a:1", "args": ["b"]}],
        "imagePullSecrets": [{"name": "pull"}],
        "automountServiceAccountToken": False,
    }
    own = {**spec, "serviceAccountName": "controller"}
    assert pod_changes(own, ChartRules(mirror=None, pull_secret=None)) == {}
