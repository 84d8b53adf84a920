"""HTCondor's workers by SLATE's charts, with a manager of their own where the site has no pool."""

from __future__ import annotations

from typing import Any

import pulumi
from pulumi_kubernetes.core.v1 import (
    Secret,
    SecretInitArgs,
)
from pulumi_kubernetes.meta.v1 import ObjectMetaArgs

from components.amending import inside_only, with_containers, with_pods, with_resources
from components.place import PatternComponent, Place
from components.serving import chart_service
from components.values import resources
from components.workloads import HouseRules
from patterns.htcondor import values
from patterns.htcondor.asking import asking
from patterns.htcondor.pool import Pool, pool
from patterns.htcondor.settings import Settings

MANAGER, WORKER = "condor-manager", "condor-worker"
INSTANCE = "ssl"
READ_BY_ROOT = 0o400


class HTCondor(pulumi.ComponentResource):
    """The workers, what opens their pool, its manager where it is ours, and a Job that asks it."""

    def __init__(
        self, name: str, settings: Settings, place: Place, opts: pulumi.ResourceOptions
    ) -> None:
        super().__init__("ssl:patterns:HTCondor", name, None, opts)
        joined = pool(name, place)
        secret = f"{name}-pool"
        Secret(
            secret,
            SecretInitArgs(
                metadata=ObjectMetaArgs(name=secret, namespace=place.namespace),
                string_data={joined.key: joined.secret},
            ),
            opts=pulumi.ResourceOptions(parent=self),
        )
        if joined.is_own:
            self._manager(name, place, joined, secret)
        place.chart(
            WORKER,
            _values(settings, place, joined, secret),
            self,
            lambda kind, given: worker(kind, given, place.house, settings),
        )
        asking(name, settings, place, joined, secret, self)
        self.register_outputs({})

    def _manager(self, name: str, place: Place, joined: Pool, secret: str) -> None:
        """Make the manager, and the name by which workers and submitting machines know it."""
        place.chart(
            MANAGER,
            values.ManagerValues(instance=INSTANCE),
            self,
            lambda kind, given: manager(kind, given, place.house, joined, secret),
        )
        child = pulumi.ResourceOptions(parent=self)
        chart_service(
            *(name, place.namespace, MANAGER, "collector", joined.port, child),
            target="condor-shared",
        )


def component(settings: Settings) -> PatternComponent:
    """Return the function that makes the pattern with these settings."""
    return lambda name, place, opts: HTCondor(name, settings, place, opts)


def manager(
    kind: str, given: dict[str, Any], house: HouseRules, joined: Pool, secret: str
) -> dict[str, Any]:
    """Return an object of the manager's chart: it asks for the pool's password.

    The chart has a value for neither the password nor the resources nor a probe, and would open a
    port of the nodes.
    """
    if kind == "Service":
        return inside_only(given)
    if kind != "Deployment":
        return given
    variables = [
        {"name": f"_CONDOR_{each}", "value": value}
        for each, value in joined.security(joined.folder).items()
    ]
    path = f"{joined.folder}/{joined.key}"
    mount = {"name": "pool", "mountPath": path, "subPath": joined.key, "readOnly": True}
    volume = {"name": "pool", "secret": {"secretName": secret, "defaultMode": READ_BY_ROOT}}

    def changed(container: dict[str, Any]) -> dict[str, Any]:
        container = with_resources(container, resources(house, "100m", "512Mi", cpu_limit="1"))
        return {
            **container,
            "env": [*(container.get("env") or ()), *variables],
            "volumeMounts": [*(container.get("volumeMounts") or ()), mount],
            "readinessProbe": {"tcpSocket": {"port": joined.port}, "periodSeconds": 10},
        }

    return with_pods(
        kind,
        with_containers(kind, given, changed),
        lambda pod: {**pod, "volumes": [*(pod.get("volumes") or ()), volume]},
    )


def worker(
    kind: str, given: dict[str, Any], house: HouseRules, settings: Settings
) -> dict[str, Any]:
    """Return an object of the workers' chart, which has no value for limits and for the image."""
    if kind != "Deployment":
        return given
    wanted = resources(house, str(settings.worker_cpus), f"{settings.worker_memory_mb}Mi")

    def changed(container: dict[str, Any]) -> dict[str, Any]:
        return {**with_resources(container, wanted), "image": settings.image}

    return with_containers(kind, given, changed)


def _values(settings: Settings, place: Place, joined: Pool, secret: str) -> values.WorkerValues:
    return values.WorkerValues(
        instance=INSTANCE,
        condor_config=values.CondorConfig(
            instances=settings.workers,
            collector_host=joined.host,
            collector_port=joined.port,
            password_file_secret=secret if joined.is_own else None,
            auth_token_secret=None if joined.is_own else secret,
            memory_limit=settings.worker_memory_mb,
            number_cpus=settings.worker_cpus,
        ),
        condor_config_file=joined.configuration(place.namespace),
    )
