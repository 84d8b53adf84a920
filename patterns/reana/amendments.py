"""What the laboratory changes in the objects of REANA's chart, as the chart has no value for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pulumi

from components.amending import (
    name_of,
    with_containers,
    with_pods,
    with_resources,
    with_secrets,
)
from components.charts import from_mirror
from components.values import Resources, resources
from components.workloads import HouseRules

ACCOUNT = "reana"
PART_REQUESTS: Mapping[str, Mapping[str, tuple[str, str]]] = {
    "server": {"rest-api": ("250m", "1Gi"), "scheduler": ("100m", "256Mi")},
    "workflow-controller": {
        "rest-api": ("250m", "512Mi"),
        "job-status-consumer": ("100m", "256Mi"),
    },
    "ui": {"ui": ("50m", "64Mi")},
    "db": {"db": ("250m", "512Mi")},
    "cache": {"cache": ("50m", "128Mi")},
    "message-broker": {"message-broker": ("100m", "512Mi")},
}
"""What the containers of each part request, in CPU and memory: the chart states nothing."""

CHORE_REQUESTS = ("100m", "256Mi")
"""What each of the chores requests that the chart runs at night."""

OF_DEVELOPERS = "reana-code"
"""A folder of the node that the chart gives to the chores, for its developers' machines."""


OF_WORKFLOWS = ("REANA_JOB_CONTROLLER_IMAGE", "REANA_WORKFLOW_ENGINE_IMAGE_")
"""How the variables begin that name the images of the pods that REANA makes itself."""


@dataclass(frozen=True, kw_only=True)
class Amendments:
    """Passwords from the laboratory, the site's class for the volume, and what containers request.

    `release` is what the chart's objects are called after. `mirror` stands for all registries.
    """

    release: str
    house: HouseRules
    shared_class: str | None
    mirror: str | None
    passwords: Mapping[str, pulumi.Input[str]]

    def __call__(self, kind: str, given: dict[str, Any]) -> dict[str, Any]:
        """Return an object of the chart as the laboratory wants it."""
        part = name_of(given).removeprefix(f"{self.release}-")
        if kind == "Secret" and part in (known := self._secrets()):
            return with_secrets(given, known[part])
        if kind == "PersistentVolumeClaim" and part == "shared-persistent-volume":
            return {
                **given,
                "spec": {**given["spec"], "storageClassName": self.shared_class},
            }
        if kind in ("Deployment", "StatefulSet") and part in PART_REQUESTS:
            return with_containers(kind, given, lambda each: self._container(each, part))
        if kind == "CronJob":
            asked = resources(self.house, *CHORE_REQUESTS, cpu_limit="1")
            return with_pods(kind, given, lambda pod: _chore(pod, asked))
        return given

    def _secrets(self) -> dict[str, dict[str, pulumi.Input[str]]]:
        """Return what is in each Secret that the chart would fill with passwords that all know."""
        known = self.passwords
        return {
            "secrets": {"REANA_SECRET_KEY": known["application"]},
            "db-secrets": {"user": ACCOUNT, "password": known["database"]},
            "message-broker-secrets": {"user": ACCOUNT, "password": known["broker"]},
            "cache-secrets": {"password": known["cache"]},
        }

    def _container(self, given: dict[str, Any], part: str) -> dict[str, Any]:
        asked = PART_REQUESTS[part].get(given["name"])
        if part == "db":
            secret = f"{self.release}-db-secrets"
            given = {**given, "env": _of_the_database(given.get("env") or [], secret)}
        if self.mirror is not None and given.get("env"):
            mirror = self.mirror
            given = {**given, "env": [_from_mirror(each, mirror) for each in given["env"]]}
        if asked is None:
            return given
        return with_resources(given, resources(self.house, *asked, cpu_limit="1"))


def _from_mirror(variable: dict[str, Any], mirror: str) -> dict[str, Any]:
    if not variable["name"].startswith(OF_WORKFLOWS):
        return variable
    return {**variable, "value": from_mirror(variable["value"], mirror)}


def _of_the_database(given: list[dict[str, Any]], secret: str) -> list[dict[str, Any]]:
    """Return the database's variables; some versions of the chart write its password into them."""
    keys = {"POSTGRES_USER": "user", "POSTGRES_PASSWORD": "password"}
    return [
        *(each for each in given if each["name"] not in keys),
        *(
            {"name": variable, "valueFrom": {"secretKeyRef": {"name": secret, "key": key}}}
            for variable, key in keys.items()
        ),
    ]


def _chore(pod: dict[str, Any], asked: Resources) -> dict[str, Any]:
    return {
        **pod,
        "volumes": [each for each in pod.get("volumes") or () if each["name"] != OF_DEVELOPERS],
        "containers": [with_resources(each, asked) for each in pod["containers"]],
    }
