"""What was left behind, looked up in a cluster that a stand-in for kubectl shows."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from sslab.destroying import carrying_out, report
from sslab.destroying.carrying_out import carry_out
from sslab.destroying.errors import DestroyError
from sslab.destroying.live import Live, Thing
from sslab.destroying.survey import surroundings, survey, things
from sslab.engine.inventory import Inventory
from sslab.site.model import Site
from tests.components.recording import site
from tests.unit.destroying.cases import PROVIDER, STORAGE, inventory, thing
from tests.unit.destroying.test_survey import CLAIM, NAMESPACE, lines

pytestmark = pytest.mark.volume

KUBECTL = [sys.executable, str(Path(__file__).with_name("fake_kubectl.py"))]
NYU: Site = site("nyu")


def item(kind: str, name: str, namespace: str = "", group: str = "", **more: Any) -> dict[str, Any]:
    metadata: dict[str, Any] = {"name": name, **({"namespace": namespace} if namespace else {})}
    owned = more.pop("owned", False)
    metadata |= {"ownerReferences": [{}]} if owned else {}
    version = f"{group}/v1" if group else "v1"
    return {"apiVersion": version, "kind": kind, "metadata": metadata, **more}


def volume(name: str, claim: str, policy: str) -> dict[str, Any]:
    namespace, _, own = claim.partition("/")
    spec = {"claimRef": {"namespace": namespace, "name": own},
            "persistentVolumeReclaimPolicy": policy}  # fmt: skip
    return item("PersistentVolume", name, spec=spec)


class Cluster:
    """The objects of a cluster, which a stack deletes as Pulumi would."""

    def __init__(self, file: Path, known: Inventory) -> None:
        self.file, self.known = file, known
        self.objects = [
            item(each.kind, each.name, each.namespace, each.group)
            for each in things(known.resources)
        ]
        self.stubborn: set[str] = set()
        self.calls: list[tuple[str, list[str], bool]] = []
        self.write()

    def write(self) -> None:
        self.file.write_text(json.dumps(self.objects))

    def add(self, *objects: dict[str, Any]) -> None:
        self.objects += objects
        self.write()

    def inventory(self) -> Inventory:
        return self.known

    def unprotect(self, urns: Sequence[str]) -> None:
        self.calls.append(("unprotect", list(urns), False))

    def destroy(self, keep: Sequence[str] = (), *, with_data: bool = False) -> None:
        self.calls.append(("destroy", list(keep), with_data))
        gone = set(things(each for each in self.known.resources if each.urn not in keep))
        spaces = {each.name for each in gone if each.kind == "Namespace"}
        self.objects = [
            each
            for each in self.objects
            if each["metadata"]["name"] in self.stubborn
            or (
                _thing(each) not in gone
                and each["metadata"].get("namespace") not in spaces
                and not _deleted_volume(each, gone)
            )
        ]
        left = tuple(each for each in self.known.resources if each.urn in keep)
        self.known = Inventory(left)
        self.write()


def _thing(each: dict[str, Any]) -> Thing:
    group = each["apiVersion"].rpartition("/")[0]
    metadata = each["metadata"]
    return Thing(group, each["kind"], metadata.get("namespace", ""), metadata["name"])


def _deleted_volume(each: dict[str, Any], gone: set[Thing]) -> bool:
    if each["kind"] != "PersistentVolume":
        return False
    claim = each["spec"]["claimRef"]
    deleted = each["spec"]["persistentVolumeReclaimPolicy"] == "Delete"
    names = {(one.namespace, one.name) for one in gone if one.kind == "PersistentVolumeClaim"}
    return deleted and (claim["namespace"], claim["name"]) in names


@pytest.fixture
def cluster(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Cluster:
    monkeypatch.setenv("CLUSTER", str(tmp_path / "cluster.json"))
    monkeypatch.setattr(carrying_out, "WAIT_S", 0.1)
    monkeypatch.setattr(carrying_out, "_ROUND_S", 0.05)
    made = Cluster(tmp_path / "cluster.json", inventory())
    made.add(
        item("ServiceAccount", "default", "z-peak"),
        item("ConfigMap", "kube-root-ca.crt", "z-peak"),
        item("Pod", "object-storage-0", "ssl-object-storage", owned=True),
        volume("pvc-1", "ssl-object-storage/object-storage", "Delete"),
        volume("pvc-9", "elsewhere/data", "Retain"),
    )
    return made


LIVE = Live(KUBECTL)


def told(cluster: Cluster, *, with_data: bool = False) -> tuple[str, str]:
    """Take the laboratory away; return what is told before and after."""
    found = survey(cluster.inventory(), lines(), with_data=with_data)
    found = replace(found, live=surroundings(found, LIVE))
    before = _unwrapped(report.before(found, NYU))
    left = carry_out(found, cluster, LIVE, own_cluster=False)
    return before, _unwrapped(report.after(left, NYU))


def _unwrapped(lines: Iterable[str]) -> str:
    return "\n".join(lines).replace("\n  ", " ")


def test_data_is_kept_and_told(cluster: Cluster) -> None:
    before, after = told(cluster)
    assert before.startswith("nyu: 3 go, 2 are kept\n")
    assert f"Kept: {CLAIM} (5Gi): all that is stored in the claim's volume" in before
    assert "Goes, of z-peak: Job/z-peak/z-peak" in before
    assert "DATA IS LOST" not in before
    ((_, keep, with_data),) = (each for each in cluster.calls if each[0] == "destroy")
    assert (PROVIDER in keep, STORAGE in keep, with_data) == (True, True, False)
    assert f"Left, as announced: {NAMESPACE}, {CLAIM}" in after
    assert "`sslab up nyu` takes it up again" in after
    assert "SHOULD NOT HAVE" not in after


def test_with_data_it_is_said_loudly_and_nothing_stays(cluster: Cluster) -> None:
    before, after = told(cluster, with_data=True)
    assert f"DATA IS LOST with {CLAIM} (5Gi): all that is stored" in before
    assert cluster.calls[-1] == ("destroy", [], True)
    assert "Left, as announced" not in after
    assert "SHOULD NOT HAVE" not in after
    assert [each["metadata"]["name"] for each in cluster.objects] == ["pvc-9"]


def test_what_others_put_into_a_namespace_is_told(cluster: Cluster) -> None:
    cluster.add(
        item("Secret", "notes", "z-peak"),
        item("Secret", "pull", "ssl-object-storage"),
    )
    before, after = told(cluster)
    assert "Goes with its namespace, and is not the laboratory's: Secret z-peak/notes" in before
    assert "Stays, and is not the laboratory's: Secret ssl-object-storage/pull" in before
    assert "Left, and not the laboratory's: Secret ssl-object-storage/pull" in after


def test_what_else_is_in_the_clusters_own_namespaces_is_nobodys_business(cluster: Cluster) -> None:
    cluster.known = inventory(thing("core/v1:Secret", "cloud-config", STORAGE, "kube-system"))
    cluster.add(item("Secret", "cloud-config", "kube-system"), item("Secret", "dns", "kube-system"))
    before, after = told(cluster)
    assert "Secret/kube-system/cloud-config" in before
    assert "dns" not in before + after
    assert "cloud-config" not in after


def test_a_volume_that_its_policy_keeps_is_told(cluster: Cluster) -> None:
    cluster.add(volume("pvc-2", "ssl-object-storage/object-storage", "Retain"))
    before, after = told(cluster, with_data=True)
    wanted = "PersistentVolume pvc-2 of ssl-object-storage/object-storage"
    assert f"Stays with its data, by the policy Retain: {wanted}" in before
    assert f"Left with its data, by the policy Retain: {wanted}" in after


@pytest.mark.parametrize(
    ("name", "what"),
    [("z-peak", "Job z-peak/z-peak"), ("pvc-1", "volume pvc-1 of the claim")],
)
def test_what_should_have_gone_is_told_apart(cluster: Cluster, name: str, what: str) -> None:
    cluster.stubborn = {name}
    _, after = told(cluster, with_data=True)
    assert what in after.partition("STAYED, AND SHOULD NOT HAVE: ")[2]


def test_a_kind_of_the_whole_cluster_that_stays_is_told(cluster: Cluster) -> None:
    role = thing("rbac.authorization.k8s.io/v1:ClusterRole", "traefik", STORAGE, None)
    cluster.known = inventory(role)
    cluster.add(item("ClusterRole", "traefik", group="rbac.authorization.k8s.io"))
    cluster.stubborn = {"traefik"}
    _, after = told(cluster)
    assert "STAYED, AND SHOULD NOT HAVE: ClusterRole traefik" in after


def test_an_account_that_may_not_see_volumes_is_told_so(
    cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORBIDDEN", "1")
    before, _ = told(cluster, with_data=True)
    assert "the account may not see them" in before


def test_of_a_cluster_of_ours_what_is_on_it_goes_first(cluster: Cluster) -> None:
    found = survey(cluster.inventory(), lines(), with_data=True)
    left = carry_out(found, cluster, LIVE, own_cluster=True)
    let_go, first, last = cluster.calls
    assert let_go[0] == "unprotect"
    assert PROVIDER in first[1]
    assert STORAGE not in first[1], "a component may need what is on the cluster"
    assert not any("PersistentVolumeClaim" in urn for urn in first[1])
    assert last == ("destroy", [], True)
    assert left.unexpected == ()


def test_a_cluster_that_does_not_answer_stops_before_anything_is_done(cluster: Cluster) -> None:
    cluster.file.write_text("null")
    with pytest.raises(DestroyError, match=r"does not answer: Unable .*; nothing was changed"):
        LIVE.require()


def test_what_the_site_has_given_is_told() -> None:
    remote = {"kind": "s3", "endpoint": "https://s3.example.edu", "buckets": ["z-peak"]}
    told = list(report.given(site("nyu", object_storage=remote)))
    assert "the buckets z-peak at https://s3.example.edu, with their objects" in told
    octavia = {"kind": "octavia", "address": "192.0.2.7"}
    assert "the address 192.0.2.7" in list(report.given(site("nyu", load_balancing=octavia)))
