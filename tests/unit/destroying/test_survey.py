"""What goes with a laboratory and what is kept."""

from __future__ import annotations

from datetime import date

import pytest

from sslab.destroying.survey import Survey, survey
from sslab.engine.inventory import Inventory
from sslab.safety.lines import Lines
from sslab.site.agreement import DataLoss
from tests.unit.destroying.cases import (
    PROVIDER,
    STACK,
    STORAGE,
    claim,
    document,
    entry,
    inventory,
    namespace,
    thing,
)

CLAIM = "PersistentVolumeClaim/ssl-object-storage/object-storage"
NAMESPACE = "Namespace/ssl-object-storage"


def lines(*named: str) -> Lines:
    loss = tuple(DataLoss(object=each, reason="moved", expires="2099-12-31") for each in named)
    return Lines("nyu", loss, date(2027, 1, 1))


def names(found: Survey) -> tuple[list[str], list[str]]:
    going = sorted(each.names[0] for each in found.goes)
    return going, sorted(each.names[0] for each in found.kept_things)


@pytest.mark.parametrize("protect", [True, False], ids=["protected", "not yet protected"])
def test_data_is_kept_with_what_it_needs(protect: bool) -> None:
    found = survey(inventory(protect=protect), lines(), with_data=False)
    assert names(found) == (
        ["Job/z-peak/z-peak", "Namespace/z-peak", "StatefulSet/ssl-object-storage/object-storage"],
        [NAMESPACE, CLAIM],
    )
    assert {STACK, PROVIDER, STORAGE} <= found.kept
    assert found.unprotected == ()
    assert found.namespaces == {"ssl-object-storage", "z-peak"}


def test_with_data_everything_goes() -> None:
    found = survey(inventory(), lines(), with_data=True)
    assert names(found)[1] == []
    assert len(found.goes) == 5
    assert set(found.data.values()) == {
        "all that is stored in the claim's volume, unless its StorageClass or volume says Retain",
        "everything in the namespace, also what others put there: objects, claims and their data",
    }


def test_what_a_line_lets_go_goes() -> None:
    found = survey(inventory(), lines(CLAIM, NAMESPACE), with_data=False)
    assert names(found)[1] == []
    assert found.kept == frozenset()
    assert set(found.unprotected) == {claim()["urn"], namespace("ssl-object-storage")["urn"]}


def test_a_line_for_the_claim_alone_keeps_its_namespace() -> None:
    found = survey(inventory(), lines(CLAIM), with_data=False)
    assert names(found)[1] == [NAMESPACE]
    assert set(found.unprotected) == {claim()["urn"]}


def test_what_somebody_has_protected_by_hand_is_kept() -> None:
    other = thing("core/v1:Secret", "keys", STORAGE, "z-peak", protect=True)
    found = survey(inventory(other), lines(), with_data=False)
    assert "Secret/z-peak/keys" in names(found)[1]


def test_a_cloud_of_ours_is_kept_under_the_data_on_it() -> None:
    cluster = entry("urn:pulumi:nyu::ssl::gcp:container/cluster:Cluster::ssl-nyu",
                    "gcp:container/cluster:Cluster", custom=True, inputs={})  # fmt: skip
    known = document(cluster)
    (provider,) = (each for each in known["deployment"]["resources"] if each["urn"] == PROVIDER)
    provider["propertyDependencies"] = {"kubeconfig": [cluster["urn"]]}
    found = survey(Inventory.read(known), lines("Cluster/ssl-nyu"), with_data=False)
    assert "Cluster/ssl-nyu" in names(found)[1], "the claim needs it, whatever its own line says"


def test_what_goes_is_told_by_layer_and_pattern() -> None:
    found = survey(inventory(), lines(), with_data=False)
    assert {
        name: [each.kind for each in things] for name, things in found.by_component.items()
    } == {
        "namespaces": ["Namespace"],
        "object-storage": ["StatefulSet"],
        "z-peak": ["Job"],
    }


def test_what_is_left_to_delete_of_a_replacement_is_not_counted() -> None:
    found = Inventory.read(document(claim(delete=True)))
    assert len([each for each in found.resources if each.kind == "PersistentVolumeClaim"]) == 1


def test_an_empty_stack_has_nothing() -> None:
    assert Inventory.read({"version": 3, "deployment": {"manifest": {}}}).resources == ()
    assert survey(Inventory(), lines(), with_data=False).goes == ()
