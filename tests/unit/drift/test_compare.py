from __future__ import annotations

import json
from typing import Any

import pytest

from sslab.drift.compare import counted, drifted_objects
from sslab.drift.model import FieldDrift, ObjectDrift
from tests.unit.drift.events import DEPLOYMENT, MASKED, SECRET, named, step

RULE = "openstack:networking/secGroupRule:SecGroupRule"


def managed(manager: str, time: str, fields: dict[str, Any]) -> dict[str, Any]:
    return {"manager": manager, "operation": "Update", "time": time, "fieldsV1": fields}


def test_a_changed_field_is_told_with_both_values_and_its_last_manager() -> None:
    entry = managed("kubectl", "2026-11-25T09:00:00Z", {"f:spec": {"f:replicas": {}}})
    live = named("traefik", spec={"replicas": 0}, status={"replicas": 0})
    live["metadata"]["managedFields"] = [entry]
    found = drifted_objects(
        [
            step(
                DEPLOYMENT,
                "update",
                named("traefik", spec={"replicas": 1}),
                named("traefik", spec={"replicas": 0}),
                {"spec.replicas": "update"},
                live=live,
            )
        ]
    )
    field = FieldDrift("spec.replicas", 1, 0, "kubectl", "2026-11-25T09:00:00Z")
    assert found == (ObjectDrift(DEPLOYMENT, "web/traefik", "changed", (field,)),)
    assert found[0].label == "Deployment web/traefik"


def test_a_field_that_is_gone_and_one_that_came() -> None:
    (found,) = drifted_objects(
        [
            step(
                "kubernetes:core/v1:Namespace",
                "update",
                {"metadata": {"name": "web", "labels": {"a": "1"}}},
                {"metadata": {"name": "web", "labels": {}, "annotations": {"x.y/z": "2"}}},
                {"metadata.labels.a": "delete", 'metadata.annotations["x.y/z"]': "add"},
            )
        ]
    )
    assert found.name == "web"
    assert found.fields == (
        FieldDrift('metadata.annotations["x.y/z"]', None, "2"),
        FieldDrift("metadata.labels.a", "1", None),
    )


def test_elements_of_lists_are_called_by_their_names() -> None:
    def containers(image: str) -> dict[str, Any]:
        pod = {"containers": [{"name": "web", "image": image}], "tolerations": [{"key": image}]}
        return {"template": {"spec": pod}}

    (found,) = drifted_objects(
        [
            step(
                DEPLOYMENT,
                "update",
                named("a", spec=containers("x:1")),
                named("a", spec=containers("x:2")),
                {
                    "spec.template.spec.containers[0].image": "update",
                    "spec.template.spec.tolerations[0].key": "update",
                },
            )
        ]
    )
    assert [field.path for field in found.fields] == [
        "spec.template.spec.containers[web].image",
        "spec.template.spec.tolerations[0].key",
    ]
    assert (found.fields[0].deployed, found.fields[0].found) == ("x:1", "x:2")


def test_an_object_that_is_gone_is_told_without_fields() -> None:
    (found,) = drifted_objects([step(DEPLOYMENT, "delete", named("traefik"))])
    assert found == ObjectDrift(DEPLOYMENT, "web/traefik", "gone")


def test_of_a_secret_the_path_is_told_and_no_value() -> None:
    # the values are masked by Pulumi; where it failed to, the name of the field still hides them
    given = named("keys", stringData=MASKED)
    for live in (MASKED, {"password": "hunter2-hunter2"}):
        (found,) = drifted_objects(
            [
                step(SECRET, "update", given, named("keys", data=live), {"data.password": kind})
                for kind in ("update",)
            ]
        )
        assert found.fields == (FieldDrift("data.password", "(secret)", "(secret)"),)


def test_a_key_of_a_secret_that_is_gone_or_added() -> None:
    both = {"data.a": "delete", "data.b": "add"}
    (found,) = drifted_objects([step(SECRET, "update", named("k"), named("k"), both)])
    assert found.fields == (
        FieldDrift("data.a", "(secret)", None),
        FieldDrift("data.b", None, "(secret)"),
    )


def test_a_part_of_something_secret_is_hidden_anywhere() -> None:
    spec = {"env": MASKED}
    (found,) = drifted_objects(
        [
            step(
                DEPLOYMENT,
                "update",
                named("a", spec=spec),
                named("a", spec={"env": [{"name": "X", "value": "plain-now"}]}),
                {"spec.env[0].value": "update"},
            )
        ]
    )
    assert (found.fields[0].deployed, found.fields[0].found) == ("(secret)", "(secret)")
    (found,) = drifted_objects(
        [
            step(
                DEPLOYMENT,
                "update",
                named("a", spec={"template": {"env": MASKED, "n": 1}}),
                named("a"),
                {"spec.template": "delete"},
            )
        ]
    )
    assert found.fields[0].deployed == {"env": "(secret)", "n": 1}


def test_a_value_that_looks_like_a_secret_is_hidden() -> None:
    key = "-----BEGIN RSA PRIVATE KEY-----\nMIIEow\n-----END RSA PRIVATE KEY-----"
    (found,) = drifted_objects(
        [
            step(
                "kubernetes:core/v1:ConfigMap",
                "update",
                named("c", data={"file": "a", "password": "b"}),
                named("c", data={"file": key, "password": "c"}),
                {"data.file": "update", "data.password": "update"},
            )
        ]
    )
    assert "MIIEow" not in json.dumps([field.found for field in found.fields])
    assert found.fields[1] == FieldDrift("data.password", "(secret)", "(secret)")


def test_a_clouds_resource_is_told_by_its_own_name_or_that_of_the_program() -> None:
    rule = {"direction": "ingress", "portRangeMin": 6443}
    group = "openstack:networking/secGroup:SecGroup"
    found = drifted_objects(
        [
            step(RULE, "delete", rule),
            step(group, "update", {"name": "ssl-x"}, {"name": "y"}, {"name": "update"}),
        ]
    )
    assert found == (
        ObjectDrift(group, "ssl-x", "changed", (FieldDrift("name", "ssl-x", "y"),)),
        ObjectDrift(RULE, "logical", "gone"),
    )


def test_what_a_provider_answers_is_told_where_the_inputs_do_not_differ() -> None:
    (found,) = drifted_objects(
        [
            step(
                RULE, "update", {}, {}, {"state": "update"},
                outputs={"state": "up"}, live={"state": "down"},
            )
        ]
    )  # fmt: skip
    assert found.fields == (FieldDrift("state", "up", "down"),)


@pytest.mark.parametrize(
    "event",
    [
        step(DEPLOYMENT, "same", named("a"), named("a")),
        step(DEPLOYMENT, "refresh", named("a"), named("a")),
        step("ssl:components:Ingress", "update", {}, {}, custom=False),
        step("pulumi:providers:kubernetes", "update", {}, {}, {"context": "update"}),
        step(DEPLOYMENT, "update", named("a"), named("b"), {"x": "update"}, external=True),
        {"diagnosticEvent": {"message": 'a "resOutputsEvent"'}},
    ],
    ids=["same", "refresh", "component", "provider", "external", "message"],
)
def test_what_is_no_drift(event: dict[str, Any]) -> None:
    assert drifted_objects([event]) == ()


def test_only_what_the_stack_made_is_counted() -> None:
    events = [
        step(DEPLOYMENT, "same", named("a"), named("a")),
        step("ssl:components:Ingress", "same", {}, {}, custom=False),
        step("pulumi:providers:kubernetes", "same", {}, {}),
        {"summaryEvent": {}},
    ]
    assert counted(events) == 1


def test_a_provider_without_a_detailed_difference_names_the_fields() -> None:
    event = step(RULE, "update", {"a": 1}, {"a": 2})
    event["resOutputsEvent"]["metadata"]["diffs"] = ["a"]
    assert drifted_objects([event])[0].fields == (FieldDrift("a", 1, 2),)
