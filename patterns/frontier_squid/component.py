"""Frontier Squid by its own chart, and a Job that sees whether it keeps copies."""

from __future__ import annotations

from typing import Any

import pulumi

from components.amending import with_containers
from components.analysis import Analysis, AnalysisArgs
from components.place import PatternComponent, Place
from components.serving import chart_service
from components.workloads import HouseRules
from patterns.frontier_squid import values
from patterns.frontier_squid.settings import Settings
from patterns.sources import sources

CHART = "osg-frontier-squid"
PORT = 3128


class FrontierSquid(pulumi.ComponentResource):
    """The chart, a Service with a name of ours, and the Job."""

    def __init__(
        self, name: str, settings: Settings, place: Place, opts: pulumi.ResourceOptions
    ) -> None:
        super().__init__("ssl:patterns:FrontierSquid", name, None, opts)
        told = values.FrontierSquidValues(
            squid_conf=values.SquidConf(
                cache_mem=settings.cache_memory_mb,
                cache_size=settings.cache_disk_mb,
                ip_range=settings.clients,
            )
        )
        memory = f"{2 * settings.cache_memory_mb}Mi"
        place.chart(
            CHART, told, self, lambda kind, given: amended(kind, given, place.house, memory)
        )
        child = pulumi.ResourceOptions(parent=self)
        chart_service(name, place.namespace, CHART, "squid", PORT, child, target="squid")
        probe = AnalysisArgs(
            package="frontier_squid",
            sources=sources("frontier_squid"),
            environment={"PROXY": f"http://{name}:{PORT}", "ADDRESS": settings.probe},
            cpu="100m",
            memory="256Mi",
            deadline_s=900,
        )
        Analysis(name, probe, place, self).job()
        self.register_outputs({})


def component(settings: Settings) -> PatternComponent:
    """Return the function that makes the pattern with these settings."""
    return lambda name, place, opts: FrontierSquid(name, settings, place, opts)


def amended(kind: str, given: dict[str, Any], house: HouseRules, memory: str) -> dict[str, Any]:
    """Return an object of the chart; its container gets all its memory by request.

    The chart requests what the cache takes, and a limit of twice as much: a site whose limits have
    to be near the requests would leave squid no memory beside its cache.
    """
    if kind != "Deployment":
        return given
    requests = {"cpu": "1", "memory": memory}
    limits = house.limits(requests, {"cpu": "2", "memory": memory})

    def changed(container: dict[str, Any]) -> dict[str, Any]:
        stated = container["resources"]  # of the node's disk as well
        return {
            **container,
            "resources": {
                "requests": {**stated["requests"], **requests},
                "limits": {**stated["limits"], **limits},
            },
        }

    return with_containers(kind, given, changed)
