"""What holds data is protected, whatever makes it."""

from __future__ import annotations

from typing import Any

import pulumi
import pytest
from pulumi_kubernetes.core.v1 import (
    PersistentVolumeClaim,
    PersistentVolumeClaimInitArgs,
    PersistentVolumeClaimSpecArgs,
)
from pulumi_kubernetes.meta.v1 import ObjectMetaArgs

from components.laboratory import Laboratory
from components.place import Place
from components.protection import protected_in_chart
from sslab.catalogue.loading import load_contracts
from sslab.safety.fixed_fields import deployed_fields
from sslab.site.cluster import OpenStackCluster
from tests.components.recording import ROOT, Recording, record_laboratory, site

DISPOSABLE = {"ssl/data": "disposable"}


def protected(recording: Recording) -> set[str]:
    return {f"{each.kind}/{each.name}" for each in recording if each.protected}


def claiming(**more: Any) -> Recording:
    """Record a laboratory with a pattern that makes a claim, and says nothing of protection."""

    def component(
        name: str, place: Place, opts: pulumi.ResourceOptions
    ) -> pulumi.ComponentResource:
        pattern = pulumi.ComponentResource("ssl:patterns:Claiming", name, None, opts)
        PersistentVolumeClaim(
            "mine",
            PersistentVolumeClaimInitArgs(
                metadata=ObjectMetaArgs(
                    name="mine", namespace=place.namespace, annotations=more.pop("notes", None)
                ),
                spec=PersistentVolumeClaimSpecArgs(**more),
            ),
            opts=pulumi.ResourceOptions(parent=pattern),
        )
        return pattern

    return record_laboratory(components={"z-peak": component})


def test_the_object_storages_claim_and_its_namespace_are_protected(local: Recording) -> None:
    assert protected(local) == {
        "PersistentVolumeClaim/object-storage",
        "Namespace/ssl-object-storage",
    }


def test_a_claim_of_a_pattern_is_protected_though_its_author_forgot() -> None:
    made = claiming(access_modes=["ReadWriteOnce"], storage_class_name="block")
    assert "PersistentVolumeClaim/mine" in protected(made)


@pytest.mark.parametrize(
    "claim",
    [
        {"access_modes": ["ReadOnlyMany"], "storage_class_name": "cvmfs"},
        {"access_modes": ["ReadWriteMany"], "storage_class_name": "", "volume_name": "by-hand"},
        {"access_modes": ["ReadWriteOnce"], "notes": DISPOSABLE},
    ],
    ids=["to read only", "of a volume of ours", "disposable"],
)
def test_a_claim_without_data_is_not(claim: dict[str, Any]) -> None:
    assert "PersistentVolumeClaim/mine" not in protected(claiming(**claim))


def test_googles_buckets_file_server_and_cluster_are_protected() -> None:
    google = site("gke")
    cluster = google.cluster.model_dump() | {"filestore": "1Ti"}
    made = record_laboratory(site("gke", cluster=cluster))
    assert protected(made) == {
        *("Bucket/fitting-service", "Bucket/z-peak"),
        *("Cluster/ssl-gke", "Instance/ssl-gke"),
    }


def test_the_instances_of_a_cluster_on_openstack_are_protected() -> None:
    illinois = site("illinois")
    assert isinstance(illinois.cluster, OpenStackCluster)
    assert {each for each in protected(record_laboratory(illinois)) if "Instance/" in each} == {
        "Instance/ssl-illinois-control-plane",
        "Instance/ssl-illinois-workers-0",
    }


def in_chart(token: str, **props: Any) -> bool:
    asked = pulumi.ResourceTransformArgs(
        custom=True, type_=token, name="x", props=props, opts=pulumi.ResourceOptions()
    )
    told = protected_in_chart(asked)
    return told is not None and bool(told.opts.protect)


def test_claims_in_a_chart_are_protected_and_what_it_defines_is_not() -> None:
    assert in_chart("kubernetes:core/v1:PersistentVolumeClaim", spec={})
    assert in_chart(
        "kubernetes:apps/v1:StatefulSet",
        spec={
            "volumeClaimTemplates": [{}],
            "persistentVolumeClaimRetentionPolicy": {"whenDeleted": "Delete"},
        },
    )
    assert not in_chart("kubernetes:apps/v1:Deployment", spec={})
    definition = "kubernetes:apiextensions.k8s.io/v1:CustomResourceDefinition"
    assert not in_chart(definition, spec={})


def test_the_laboratory_tells_what_may_not_change() -> None:
    made: list[Laboratory] = []

    class Kept(Laboratory):
        def __init__(self, *args: Any, **more: Any) -> None:
            super().__init__(*args, **more)
            made.append(self)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("tests.components.recording.Laboratory", Kept)
        record_laboratory()
    fields = deployed_fields(site(), load_contracts(ROOT))
    assert fields == {
        "name": "local",
        "cluster.kind": "local",
        "privilege.scope": "cluster",
        "storage.rwo_class": None,
        "object_storage.kind": "seaweedfs",
    }
    assert list(made[0].outputs) == ["site"]
