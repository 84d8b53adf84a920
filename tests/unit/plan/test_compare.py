"""What happens to each resource, and why in words."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from sslab.plan.compare import additions, compare, deletions
from sslab.plan.model import Change, PlannedResource
from tests.unit.plan.cases import (
    CLAIM,
    CONFIG_MAP,
    DEPLOYMENT,
    PROVIDER,
    SECRET,
    SERVICE,
    STATEFUL_SET,
    claim,
    pod,
    resource,
)

ROLE_BINDING = "kubernetes:rbac.authorization.k8s.io/v1:RoleBinding"
JOB = "kubernetes:batch/v1:Job"
NAMESPACE = "kubernetes:core/v1:Namespace"


def one(before: Any, after: Any) -> Change:
    (change,) = compare([before], [after])
    return change


def changed(token: str, before: dict[str, Any], after: dict[str, Any], **both: Any) -> Change:
    return one(resource(token, **both, **before), resource(token, **both, **after))


def test_what_is_the_same_is_no_change() -> None:
    assert compare([resource(DEPLOYMENT)], [resource(DEPLOYMENT)]) == ()


def test_what_is_new_gone_and_changed_is_told_with_the_gravest_first() -> None:
    before = [
        resource(SERVICE, "a", spec={"x": 1}),
        resource(SERVICE, "b"),
        resource(CLAIM, "c", spec=claim()),
    ]
    after = [resource(SERVICE, "a", spec={"x": 2}), resource(SERVICE, "d")]
    found = [(change.kind, change.resource.label) for change in compare(before, after)]
    assert found == [
        ("delete", "PersistentVolumeClaim ns/c"),
        ("delete", "Service ns/b"),
        ("change", "Service ns/a"),
        ("add", "Service ns/d"),
    ]
    assert {change.kind for change in additions(after)} == {"add"}
    assert {change.kind for change in deletions(after)} == {"delete"}


@pytest.mark.parametrize(
    ("token", "before", "after", "reason"),
    [
        (DEPLOYMENT, {"spec": {"selector": {"matchLabels": {"a": "b"}}}},
         {"spec": {"selector": {"matchLabels": {"a": "c"}}}},
         "spec.selector.matchLabels.a: the selector of a Deployment cannot be changed: Kubernetes "
         "refuses it, so Pulumi deletes the object and makes a new one"),
        (STATEFUL_SET, {"spec": {"serviceName": "a"}}, {"spec": {"serviceName": "b"}},
         "the Service of a StatefulSet cannot be changed"),
        (STATEFUL_SET, {"spec": {"volumeClaimTemplates": [{"metadata": {"name": "a"}}]}},
         {"spec": {"volumeClaimTemplates": []}}, "the claims that a StatefulSet makes"),
        (CLAIM, {"spec": {"storageClassName": "a"}}, {"spec": {"storageClassName": "b"}},
         "spec.storageClassName: the StorageClass of a claim cannot be changed"),
        (CLAIM, {"spec": {"storageClassName": "a"}}, {"spec": {}}, "the StorageClass of a claim"),
        (ROLE_BINDING, {"roleRef": {"name": "a"}}, {"roleRef": {"name": "b"}},
         "roleRef.name: the role that a binding gives cannot be changed"),
        (JOB, {"spec": pod({"name": "a", "image": "x"})},
         {"spec": pod({"name": "a", "image": "y"})}, "the pods of a Job cannot be changed"),
        (JOB, {"spec": {"parallelism": 1}}, {"spec": {"parallelism": 2}}, "it runs again"),
        (SERVICE, {"spec": {"clusterIP": "None"}}, {"spec": {}}, "the address of a Service"),
        (SECRET, {"type": "Opaque"}, {"type": "kubernetes.io/tls"}, "the type of a Secret"),
        (SECRET, {"stringData": {"a": "(secret)"}},
         {"stringData": {"a": "(secret)", "b": "(secret)"}},
         "stringData.b: Pulumi does not change the data of a Secret"),
        (CONFIG_MAP, {"data": {"a": "1"}}, {"data": {"a": "2"}},
         "data.a: Pulumi does not change the data of a ConfigMap"),
        ("kubernetes:core/v1:Pod", {"spec": {"containers": [{"name": "a", "image": "x"}]}},
         {"spec": {"containers": [{"name": "a", "image": "y"}]}}, "a pod that runs"),
        ("kubernetes:core/v1:Pod", {"spec": {"containers": []}},
         {"spec": {"containers": [{"name": "a", "image": "y"}]}}, "a pod that runs"),
        ("kubernetes:policy/v1beta1:PodDisruptionBudget", {"spec": {"minAvailable": 1}},
         {"spec": {"minAvailable": 2}}, "policy/v1beta1"),
        ("kubernetes:storage.k8s.io/v1:StorageClass", {"provisioner": "a"}, {"provisioner": "b"},
         "how a StorageClass makes volumes"),
        ("kubernetes:core/v1:PersistentVolume", {"spec": {"nfs": {"path": "/a"}}},
         {"spec": {"nfs": {"path": "/b"}}}, "where a volume lies"),
    ],
)  # fmt: skip
def test_a_replacement_has_its_reason(
    token: str, before: dict[str, Any], after: dict[str, Any], reason: str
) -> None:
    change = changed(token, before, after)
    assert change.kind == "replace"
    assert reason in change.reasons[0]


@pytest.mark.parametrize(
    ("token", "before", "after"),
    [
        (DEPLOYMENT, {"spec": {"replicas": 1}}, {"spec": {"replicas": 2}}),
        (DEPLOYMENT, {"spec": pod({"name": "a", "image": "x"})},
         {"spec": pod({"name": "a", "image": "y"})}),
        (STATEFUL_SET, {"spec": {"replicas": 1}}, {"spec": {"replicas": 2}}),
        ("kubernetes:policy/v1:PodDisruptionBudget", {"spec": {"minAvailable": 1}},
         {"spec": {"minAvailable": 2}}),
        (SERVICE, {"spec": {"type": "ClusterIP"}}, {"spec": {"type": "NodePort"}}),
        (SECRET, {"immutable": False}, {}),
        ("kubernetes:apps/v1:DeploymentPatch", {"spec": {"selector": 1}},
         {"spec": {"selector": 2}}),
        ("kubernetes:example.org/v1:Thing", {"spec": {"selector": 1}}, {"spec": {"selector": 2}}),
    ],
)  # fmt: skip
def test_what_can_be_changed_is_changed(
    token: str, before: dict[str, Any], after: dict[str, Any]
) -> None:
    change = changed(token, before, after)
    assert (change.kind, change.reasons, change.loses, change.refused) == ("change", (), "", "")


def test_another_value_of_a_secret_is_a_change_that_shows_nothing() -> None:
    def secret(digest: str) -> PlannedResource:
        made = resource(SECRET, secrets=("stringData",), stringData={"s3.json": "(secret)"})
        return replace(made, digests={("stringData", "s3.json"): digest})

    assert compare([secret("a")], [secret("a")]) == ()
    change = one(secret("a"), secret("b"))
    assert change.kind == "replace"
    (field,) = change.fields
    assert (field.path, field.before, field.after, field.secret) == (
        'stringData["s3.json"]', "(secret)", "(secret)", True,
    )  # fmt: skip


def test_a_renamed_object_and_one_of_another_namespace_is_another_object() -> None:
    before = resource(DEPLOYMENT, "web", metadata={"name": "a", "namespace": "n"})
    renamed = resource(DEPLOYMENT, "web", metadata={"name": "b", "namespace": "n"})
    moved = resource(DEPLOYMENT, "web", metadata={"name": "a", "namespace": "m"})
    assert one(before, renamed).reasons[0].startswith("metadata.name: an object cannot be renamed")
    assert one(before, moved).reasons[0].startswith("metadata.namespace: an object cannot move")
    assert {one(before, each).kind for each in (renamed, moved)} == {"replace"}


@pytest.mark.parametrize(
    ("token", "before", "after", "reason"),
    [
        (CLAIM, {"spec": claim("10Gi")}, {"spec": claim("5Gi")}, "a volume cannot shrink"),
        (CLAIM, {"spec": claim("1Ti")}, {"spec": claim("1023Gi")}, "a volume cannot shrink"),
        (CLAIM, {"spec": {"volumeMode": "Block"}}, {"spec": {}}, "a claim is filled with"),
        ("kubernetes:networking.k8s.io/v1:IngressClass", {"spec": {"controller": "a"}},
         {"spec": {"controller": "b"}}, "the controller of a class is fixed"),
        ("kubernetes:storage.k8s.io/v1:StorageClass", {"reclaimPolicy": "Delete"},
         {"reclaimPolicy": "Retain"}, "what becomes of them is fixed"),
        (CONFIG_MAP, {"immutable": True}, {}, "was made immutable"),
    ],
)  # fmt: skip
def test_a_change_that_kubernetes_refuses_is_said(
    token: str, before: dict[str, Any], after: dict[str, Any], reason: str
) -> None:
    change = changed(token, before, after)
    assert change.kind == "change"
    assert reason in change.refused
    assert "the deployment fails" in change.refused


def test_a_claim_that_grows_says_what_it_needs() -> None:
    change = changed(CLAIM, {"spec": claim("5Gi")}, {"spec": claim("10Gi")})
    assert change.refused == ""
    assert "allowVolumeExpansion" in change.reasons[0]


def test_a_provider_that_is_told_so_changes_data_in_place() -> None:
    provider = resource(PROVIDER, "p", enableSecretMutable="true", enableConfigMapMutable="true")

    def change(token: str, **more: Any) -> Change:
        before = resource(token, provider=provider.key, data={"a": "1"}, **more)
        after = resource(token, provider=provider.key, data={"a": "2"}, **more)
        (found,) = compare([provider, before], [provider, after])
        return found

    assert {change(SECRET).kind, change(CONFIG_MAP).kind} == {"change"}
    assert {change(token, immutable=True).kind for token in (SECRET, CONFIG_MAP)} == {"replace"}


def test_an_object_in_another_component_is_said_to_move() -> None:
    before = resource(CLAIM, parent="ssl:components:Old")
    change = one(before, resource(CLAIM, parent="ssl:components:New"))
    assert change.kind == "replace"
    assert "moves in the program from ssl:components:Old$" in change.reasons[0]
    assert "pulumi.Alias" in change.reasons[0]
    assert change.loses


def test_an_object_whose_old_place_is_stated_stays() -> None:
    before = resource(CLAIM, parent="ssl:components:Old", spec=claim("1Gi"))
    stated = resource(CLAIM, parent="ssl:components:New", former=(before.key,), spec=claim("1Gi"))
    assert compare([before], [stated]) == ()
    taken = [before, resource(CLAIM, "other", former=(before.key,))]  # it still has its own URN
    assert [change.kind for change in compare([before], taken)] == ["add"]


def test_a_new_version_of_an_api_is_the_same_object() -> None:
    old = resource("kubernetes:policy/v1beta1:PodDisruptionBudget")
    new = resource("kubernetes:policy/v1:PodDisruptionBudget", former=(old.key,), apiVersion="v1")
    assert one(old, new).kind == "change"


def test_objects_without_a_name_of_their_own_are_not_taken_for_each_other() -> None:
    before = resource(CONFIG_MAP, parent="a", metadata={})
    found = compare([before], [resource(CONFIG_MAP, parent="b", metadata={})])
    assert [change.kind for change in found] == ["delete", "add"]


@pytest.mark.parametrize(
    ("token", "inputs", "lost"),
    [
        (CLAIM, {}, "all that is stored in the claim's volume"),
        ("kubernetes:core/v1:PersistentVolume",
         {"spec": {"persistentVolumeReclaimPolicy": "Delete"}}, "the data of the volume"),
        ("kubernetes:core/v1:PersistentVolume", {}, ""),
        (CLAIM, {"spec": {"accessModes": ["ReadOnlyMany"]}}, ""),
        (CLAIM, {"spec": {"storageClassName": "", "volumeName": "by-hand"}}, ""),
        (NAMESPACE, {}, ""),
        ("kubernetes:apiextensions.k8s.io/v1:CustomResourceDefinition", {}, "all objects of"),
        ("gcp:storage/bucket:Bucket", {}, "all objects in the bucket"),
        ("openstack:blockstorage/volume:Volume", {}, "all that is stored on the volume"),
        (STATEFUL_SET, {"spec": {"volumeClaimTemplates": [{}],
         "persistentVolumeClaimRetentionPolicy": {"whenDeleted": "Delete"}}}, "the claims"),
        (DEPLOYMENT, {}, ""),
        (STATEFUL_SET, {"spec": {}}, ""),
    ],
)  # fmt: skip
def test_lost_data_are_named(token: str, inputs: dict[str, Any], lost: str) -> None:
    (change,) = compare([resource(token, **inputs)], [])
    assert (lost in change.loses) if lost else change.loses == ""


def test_the_claims_of_a_stateful_set_stay() -> None:
    (change,) = compare([resource(STATEFUL_SET, spec={"volumeClaimTemplates": [{}]})], [])
    assert change.loses == ""
    assert "the claims that it made stay" in change.reasons[0]


def test_a_retained_resource_loses_nothing_and_a_protected_one_stops_the_deployment() -> None:
    (kept,) = compare([resource(CLAIM, options={"retain_on_delete": True})], [])
    assert (kept.loses, "retain_on_delete" in kept.reasons[0]) == ("", True)
    (protected,) = compare([resource(DEPLOYMENT, options={"protect": True})], [])
    assert (protected.loses, "protected" in protected.refused) == ("", True)


def test_ignored_fields_are_no_change_and_named_ones_replace() -> None:
    def change(**options: Any) -> tuple[Change, ...]:
        before = resource(DEPLOYMENT, spec={"replicas": 1, "paused": True}, options=options)
        after = resource(DEPLOYMENT, spec={"replicas": 2, "paused": True}, options=options)
        return compare([before], [after])

    assert change(ignore_changes=["spec.replicas"]) == ()
    assert change(ignore_changes=["spec"]) == ()
    assert change(ignore_changes=["spec.paused"])[0].kind == "change"
    for path in ("spec.replicas", "*"):
        (replaced,) = change(replace_on_changes=[path])
        assert replaced.kind == "replace"
        assert "the program asks for another one" in replaced.reasons[0]


def test_another_cluster_replaces_everything_in_it() -> None:
    def site(identifier: str, context: str = "c") -> list[Any]:
        provider = resource(PROVIDER, "p", clusterIdentifier=identifier, context=context)
        return [provider, resource(SERVICE, provider=provider.key)]

    assert [change.kind for change in compare(site("a"), site("b"))] == ["replace", "replace"]
    (maybe,) = compare(site("a"), site("a", context="d"))
    assert maybe.kind == "change"
    assert "if this leads to another cluster" in maybe.reasons[0]


def test_a_resource_of_an_unknown_provider_may_be_replaced() -> None:
    change = changed("aws:s3/bucket:Bucket", {"x": 1}, {"x": 2})
    assert change.kind == "change"
    assert "may be replaced" in change.reasons[0]
