from __future__ import annotations

from typing import Any

import pytest

from sslab.kubernetes.managed_fields import Owner, last_owner

OURS = "pulumi-kubernetes-1a2b"
# as an API server answers: a Service that was deployed, then changed by two people
LIVE: dict[str, Any] = {
    "metadata": {
        "labels": {"app": "web", "app.kubernetes.io/name": "mine"},
        "finalizers": ["a/b"],
        "managedFields": [
            {
                "manager": OURS,
                "operation": "Apply",
                "time": "2026-11-25T08:00:00Z",
                "fieldsV1": {
                    "f:metadata": {"f:labels": {"f:app": {}}},
                    "f:spec": {
                        "f:rules": {},
                        "f:ports": {
                            'k:{"port":80,"protocol":"TCP"}': {".": {}, "f:port": {}, "f:name": {}},
                            'k:{"port":443,"protocol":"TCP"}': {".": {}, "f:port": {}},
                        },
                    },
                },
            },
            {
                "manager": "kubectl-edit",
                "operation": "Update",
                "time": "2026-11-25T09:00:00Z",
                "fieldsV1": {
                    "f:metadata": {
                        "f:finalizers": {".": {}, 'v:"a/b"': {}},
                        "f:labels": {"f:app": {}, "f:app.kubernetes.io/name": {}},
                    },
                    "f:spec": {
                        "f:ports": {'k:{"port":443,"protocol":"TCP"}': {"f:targetPort": {}}},
                    },
                },
            },
            {
                "manager": "kube-controller-manager",
                "operation": "Update",
                "subresource": "status",
                "time": "2026-11-25T10:00:00Z",
                "fieldsV1": {"f:status": {"f:loadBalancer": {}}},
            },
        ],
    },
    "spec": {
        "rules": [{"verbs": ["get"]}],
        "ports": [
            {"name": "http", "port": 80, "protocol": "TCP"},
            {"port": 443, "targetPort": 8443},
        ],
    },
}


@pytest.mark.parametrize(
    ("steps", "owner"),
    [
        (("metadata", "labels", "app"), "kubectl-edit"),  # of two owners the later one
        (("metadata", "labels", "app.kubernetes.io/name"), "kubectl-edit"),
        (("metadata", "finalizers", 0), "kubectl-edit"),
        (("spec", "ports", 0, "name"), OURS),
        (("spec", "ports", 1, "targetPort"), "kubectl-edit"),  # the default of its key is left out
        (("spec", "rules", 0, "verbs"), OURS),  # a list that is owned in one piece
        (("metadata", "labels", "gone"), None),
        (("spec", "ports", 0, "targetPort"), None),
        (("spec", "ports", 7), None),
        (("spec", "replicas"), None),
    ],
)
def test_the_last_owner_of_a_field(steps: tuple[str | int, ...], owner: str | None) -> None:
    found = last_owner(LIVE, steps)
    assert (found.manager if found else None) == owner


def test_the_time_is_that_of_the_managers_last_change() -> None:
    found = last_owner(LIVE, ("metadata", "labels", "app"))
    assert found == Owner("kubectl-edit", "2026-11-25T09:00:00Z")


@pytest.mark.parametrize("live", [{}, {"metadata": None}, {"metadata": {"managedFields": None}}])
def test_an_object_that_tells_nothing_has_no_owner(live: dict[str, Any]) -> None:
    assert last_owner(live, ("spec",)) is None


def test_an_entry_without_a_time_is_the_oldest() -> None:
    fields: dict[str, Any] = {"f:spec": {"f:x": {}}}
    entries: list[dict[str, Any]] = [
        {"manager": "old", "fieldsV1": fields},
        {"manager": "new", "fieldsV1": fields},
    ]
    entries[1]["time"] = "2026-11-25T09:00:00Z"
    found = last_owner({"metadata": {"managedFields": entries}}, ("spec", "x"))
    assert found is not None
    assert found.manager == "new"
