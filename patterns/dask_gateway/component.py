"""Dask Gateway by its own chart: an API that makes Dask clusters, and the way into them."""

from __future__ import annotations

from typing import Any

import pulumi
from pulumi_kubernetes.core.v1 import Secret, SecretInitArgs
from pulumi_kubernetes.meta.v1 import ObjectMetaArgs

from components.amending import name_of, with_containers
from components.place import PatternComponent, Place
from components.values import resources
from components.workloads import HouseRules
from patterns.dask_gateway import values
from patterns.dask_gateway.settings import Settings
from sslab.catalogue.quantity import parse_quantity

PASSWORD = "SSL_PASSWORD"
SCHEDULER = {"cpu": "250m", "memory": "2Gi"}
KEY = "password"


class DaskGateway(pulumi.ComponentResource):
    """The chart, and the password that its users share."""

    def __init__(
        self, name: str, settings: Settings, place: Place, opts: pulumi.ResourceOptions
    ) -> None:
        super().__init__("ssl:patterns:DaskGateway", name, None, opts)
        secret = f"{name}-users"
        Secret(
            secret,
            SecretInitArgs(
                metadata=ObjectMetaArgs(name=secret, namespace=place.namespace),
                string_data={KEY: place.passwords["users"]},
            ),
            opts=pulumi.ResourceOptions(parent=self),
        )
        place.chart(
            name,
            _values(settings, place),
            self,
            lambda kind, given: with_password(kind, given, f"api-{name}", secret),
        )
        place.route(name, f"traefik-{name}", 80, self)
        self.register_outputs({})


def component(settings: Settings) -> PatternComponent:
    """Return the function that makes the pattern with these settings."""
    return lambda name, place, opts: DaskGateway(name, settings, place, opts)


def with_password(kind: str, given: dict[str, Any], api: str, secret: str) -> dict[str, Any]:
    """Return an object of the chart; the API's pods get the password out of a Secret.

    The chart would write it into a ConfigMap.
    """
    if kind != "Deployment" or name_of(given) != api:
        return given
    variable = {
        "name": PASSWORD,
        "valueFrom": {"secretKeyRef": {"name": secret, "key": KEY}},
    }
    return with_containers(
        kind, given, lambda each: {**each, "env": [*(each.get("env") or ()), variable]}
    )


def _values(settings: Settings, place: Place) -> values.DaskGatewayValues:
    house = place.house
    pod = {"imagePullSecrets": [{"name": house.pull_secret}]} if house.pull_secret else {}
    worker = {"cpu": settings.worker_cpu, "memory": settings.worker_memory}
    image = None
    if settings.image is not None:
        repository, _, tag = settings.image.rpartition(":")
        image = values.Image(name=repository, tag=tag)
    return values.DaskGatewayValues(
        gateway=values.Gateway(
            backend=values.Backend(
                image=image,
                scheduler=_part(house, SCHEDULER, pod),
                worker=_part(house, worker, pod, settings.worker_threads),
            ),
            resources=resources(house, "100m", "256Mi", cpu_limit="1"),
            extra_config={
                "limits": f"c.ClusterConfig.cluster_max_workers = {settings.workers}\n"
                f"c.ClusterConfig.idle_timeout = {settings.idle_s}",
                "password": f'import os\nc.SimpleAuthenticator.password = os.environ["{PASSWORD}"]',
            },
        ),
        controller=values.Controller(resources=resources(house, "100m", "128Mi", cpu_limit="1")),
        traefik=values.Proxy(resources=resources(house, "100m", "128Mi", cpu_limit="1")),
    )


def _part(
    house: HouseRules, requests: dict[str, str], pod: dict[str, Any], threads: int | None = None
) -> values.Part:
    """Return what a scheduler or a worker takes; it may use as much CPU as two of its kind."""
    cpu = float(2 * parse_quantity(requests["cpu"]))
    limits = house.limits(requests, {"cpu": f"{int(cpu * 1000)}m", "memory": requests["memory"]})
    cores, memory = (
        values.Amount(
            request=float(parse_quantity(requests[unit])), limit=float(parse_quantity(limits[unit]))
        )
        for unit in ("cpu", "memory")
    )
    return values.Part(cores=cores, memory=memory, extra_pod_config=pod, threads=threads)
