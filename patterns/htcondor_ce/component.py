"""HTCondor-CE by OSG's chart of a hosted compute element, before the site's batch system."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import pulumi
from pulumi_kubernetes.core.v1 import Secret, SecretInitArgs
from pulumi_kubernetes.meta.v1 import ObjectMetaArgs

from components.amending import with_containers, with_resources
from components.batch import BatchSystem
from components.place import PatternComponent, Place
from components.values import resources
from components.workloads import HouseRules
from patterns.htcondor_ce import values
from patterns.htcondor_ce.settings import Settings
from sslab.errors import SslabError

CHART = "osg-hosted-ce"
INSTANCE = "ssl"
SYSTEMS: Mapping[str, str] = {"htcondor": "condor", "slurm": "slurm"}
"""What the chart calls the kinds of batch systems to which it can hand jobs."""


class HTCondorCE(pulumi.ComponentResource):
    """The chart, and the Secret with the key by which it logs in at the batch system."""

    def __init__(
        self, name: str, settings: Settings, place: Place, opts: pulumi.ResourceOptions
    ) -> None:
        super().__init__("ssl:patterns:HTCondorCE", name, None, opts)
        system, host = _system(name, place), _host(name, settings, place)
        secret = f"{name}-ssh"
        Secret(
            secret,
            SecretInitArgs(
                metadata=ObjectMetaArgs(name=secret, namespace=place.namespace),
                string_data={"bosco.key": place.credentials["ssh-key"]},
            ),
            opts=pulumi.ResourceOptions(parent=self),
        )
        place.chart(
            CHART,
            _values(settings, system, host, secret),
            self,
            lambda kind, given: amended(kind, given, place.house),
        )
        self.register_outputs({})


def component(settings: Settings) -> PatternComponent:
    """Return the function that makes the pattern with these settings."""
    return lambda name, place, opts: HTCondorCE(name, settings, place, opts)


def amended(kind: str, given: dict[str, Any], house: HouseRules) -> dict[str, Any]:
    """Return an object of the chart, which has no value for resources."""
    if kind != "Deployment":
        return given
    wanted = resources(house, "500m", "1Gi", cpu_limit="2")
    return with_containers(kind, given, lambda each: with_resources(each, wanted))


def _system(name: str, place: Place) -> BatchSystem:
    """Return the site's first batch system that the chart knows. Raises SslabError without one."""
    found = next((each for each in place.batch if each.kind in SYSTEMS), None)
    if found is None:
        raise SslabError(
            f"batch: {name} hands jobs to HTCondor or Slurm, and no endpoint of one is known",
            remedy='add one to batch, as in "{kind: slurm, endpoint: login.example.edu}"',
        )
    return found


def _host(name: str, settings: Settings, place: Place) -> str:
    if settings.host is None and place.ingress is None:
        raise SslabError(
            f"patterns.{name}.host: nothing says by which name it is reached",
            remedy="set it to its name in DNS",
        )
    return settings.host or str(urlsplit(place.url(name)).hostname)


def _values(
    settings: Settings, system: BatchSystem, host: str, secret: str
) -> values.HostedCEValues:
    known = settings.topology
    topology = values.Topology(production=False)
    if known is not None:
        topology = values.Topology(
            production=True,
            resource=known.resource,
            resource_group=known.group,
            contact=known.contact,
            contact_email=known.address,
            city=known.city,
            country=known.country,
            latitude=known.latitude,
            longitude=known.longitude,
        )
    return values.HostedCEValues(
        instance=INSTANCE,
        topology=topology,
        remote_cluster=values.RemoteCluster(
            login_host=settings.login_host or system.host,
            known_hosts="".join(f"{line}\n" for line in settings.known_hosts) or None,
            private_key_secret=secret,
            batch=SYSTEMS[system.kind],
            memory_per_node=settings.node_memory_mb,
            cores_per_node=settings.node_cpus,
            max_wall_time=settings.minutes,
        ),
        networking=values.Networking(hostname=host, request_ip=settings.address),
        sci_token_remote_user_mapping=tuple(
            {f"{each.issuer},{each.subject}" if each.subject else each.issuer: each.user}
            for each in settings.accepts
        ),
    )
