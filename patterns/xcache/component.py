"""XCache by its own chart, and a Job that reads through it."""

from __future__ import annotations

from typing import Any

import pulumi
from pulumi_kubernetes.core.v1 import Secret, SecretInitArgs
from pulumi_kubernetes.meta.v1 import ObjectMetaArgs

from components.amending import inside_only, with_pods
from components.analysis import Analysis, AnalysisArgs
from components.place import PatternComponent, Place
from components.serving import chart_service
from components.values import Resources, resources
from components.workloads import HouseRules
from patterns.sources import sources
from patterns.xcache import values
from patterns.xcache.settings import Settings

CHART = "xcache"
INSTANCE = "ssl"
SECRET = "xcache-cert-secret"
"""The chart's own name for it: its Deployment takes no other."""

CACHE = CHART
REPORTING = ("reporter", "heartbeats")
"""The chart's containers that do nothing but report."""

REPORTS = ("XC_MONITOR", "XC_RESOURCENAME")
"""The cache's variables by which it reports: without them it does not."""


class XCache(pulumi.ComponentResource):
    """The chart, the Secret with its certificate, a Service with a name of ours, and the Job."""

    def __init__(
        self, name: str, settings: Settings, place: Place, opts: pulumi.ResourceOptions
    ) -> None:
        super().__init__("ssl:patterns:XCache", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        given = {"userkey": "private-key", "usercert": "certificate"}
        Secret(
            SECRET,
            SecretInitArgs(
                metadata=ObjectMetaArgs(name=SECRET, namespace=place.namespace),
                string_data={key: place.credentials[each] for key, each in given.items()},
            ),
            opts=child,
        )
        place.chart(
            CHART,
            _values(settings),
            self,
            lambda kind, given: amended(kind, given, place.house, settings),
        )
        port = settings.port
        chart_service(name, place.namespace, CHART, "xrootd", port, child, target=port)
        probe = AnalysisArgs(
            package="xcache",
            sources=sources("xcache"),
            environment={"CACHE": name, "PORT": str(port), "FILE": settings.probe},
            cpu="100m",
            memory="256Mi",
            deadline_s=1500,
        )
        Analysis(name, probe, place, self).job()
        self.register_outputs({})


def component(settings: Settings) -> PatternComponent:
    """Return the function that makes the pattern with these settings."""
    return lambda name, place, opts: XCache(name, settings, place, opts)


def amended(
    kind: str, given: dict[str, Any], house: HouseRules, settings: Settings
) -> dict[str, Any]:
    """Return an object of the chart as the laboratory runs it.

    A Service of the chart opens no port of the nodes: the cache is on the node's network anyway.
    Without `report` nothing is told to anybody, and the cache is ready when it answers: the chart
    asks ATLAS' monitoring instead.
    """
    if kind == "Service":
        return inside_only(given)
    if kind != "Deployment":
        return given
    return with_pods(kind, given, lambda pod: _pod(pod, house, settings))


def _pod(pod: dict[str, Any], house: HouseRules, settings: Settings) -> dict[str, Any]:
    cache = resources(house, "1", f"{settings.ram_gb + 2}Gi", cpu_limit="4")
    beside = resources(house, "100m", "512Mi", cpu_limit="1")
    reports = settings.report is not None
    containers = []
    for each in pod["containers"]:
        if each["name"] in REPORTING and not reports:
            continue
        changed = _with_disk(each, cache if each["name"] == CACHE else beside)
        if each["name"] == CACHE and not reports:
            changed["env"] = [known for known in each["env"] if known["name"] not in REPORTS]
            changed["readinessProbe"] = {
                "tcpSocket": {"port": settings.port},
                "periodSeconds": 10,
            }
        containers.append(changed)
    return {**pod, "containers": containers}


def _with_disk(container: dict[str, Any], wanted: Resources) -> dict[str, Any]:
    """Return a container with other CPU and memory, and what it takes of the node's disk as is."""
    stated, told = container["resources"], wanted.as_values()
    return {
        **container,
        "resources": {
            part: {**stated.get(part, {}), **told[part]} for part in ("requests", "limits")
        },
    }


def _values(settings: Settings) -> values.XCacheValues:
    report = settings.report
    return values.XCacheValues(
        instance=INSTANCE,
        service=values.Service(port=settings.port, external_ip=report.address if report else None),
        site_config=values.SiteConfig(name=report.site if report else None),
        x_cache_config=values.XCacheConfig(
            cache_directories=tuple(values.Directory(path=each) for each in settings.directories),
            meta_directory=settings.meta_directory,
            ram_size=f"{settings.ram_gb}g",
            cert_secret=SECRET,
        ),
    )
