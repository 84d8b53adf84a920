"""Scheduling: queues in which Jobs wait until the quota of their group has room, by Kueue."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pulumi
from pulumi_kubernetes.apiextensions import CustomResource
from pulumi_kubernetes.helm.v4 import Chart, ChartArgs
from pulumi_kubernetes.meta.v1 import ObjectMetaArgs

from components.workloads import HouseRules
from sslab.site.scheduling import GroupQuota
from sslab.toolchain.charts import ChartFolder

KUEUE = "kueue"
API = "kueue.x-k8s.io/v1beta2"
FLAVOUR = "default"
RESOURCES = ("cpu", "memory")
REQUESTS = {"cpu": "50m", "memory": "256Mi"}
"""What the controller requests."""


@dataclass(frozen=True, kw_only=True)
class SchedulingArgs:
    """Where Kueue runs, of what, and the groups with their quotas.

    `namespaces` are those whose Jobs may be in a queue, by the patterns' names; in all others Jobs
    are none of Kueue's business, also while it is away.
    """

    namespace: pulumi.Input[str]
    image: str
    chart: ChartFolder
    groups: Mapping[str, GroupQuota]
    namespaces: Mapping[str, pulumi.Output[str]]
    house: HouseRules


class Scheduling(pulumi.ComponentResource):
    """Kueue from its own chart: a queue of each group in each of the namespaces.

    Groups do not borrow from one another: one that has used up its quota waits.
    """

    namespaces: Mapping[str, pulumi.Output[str]]
    """The namespaces again, by the same names, known once their queues are there."""

    def __init__(
        self, name: str, args: SchedulingArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("ssl:components:Scheduling", name, None, opts)
        chart = Chart(
            KUEUE,
            ChartArgs(
                chart=str(args.chart.path),
                version=args.chart.version,
                namespace=args.namespace,
                values=_values(args),
            ),
            opts=pulumi.ResourceOptions(parent=self),
        )
        # its kinds are the chart's, and so is the webhook that judges them
        flavour = self._make(
            f"{name}-{FLAVOUR}", "ResourceFlavor", ObjectMetaArgs(name=FLAVOUR), {}, chart
        )
        shared = {
            group: self._make(
                f"{name}-{group}",
                "ClusterQueue",
                ObjectMetaArgs(name=group),
                _quota(quota),
                flavour,
            )
            for group, quota in args.groups.items()
        }
        self.namespaces = {
            own: self._queues(name, own, namespace, shared)
            for own, namespace in args.namespaces.items()
        }
        self.register_outputs({})

    def _queues(
        self,
        name: str,
        own: str,
        namespace: pulumi.Output[str],
        shared: Mapping[str, CustomResource],
    ) -> pulumi.Output[str]:
        """Make a queue of each group in a namespace, and return it once they are there."""
        made = [
            self._make(
                f"{name}-{own}-{group}",
                "LocalQueue",
                ObjectMetaArgs(name=group, namespace=namespace),
                {"clusterQueue": group},
                queue,
            )
            for group, queue in shared.items()
        ]
        return pulumi.Output.all(namespace, *(each.id for each in made)).apply(
            lambda known: str(known[0])
        )

    def _make(
        self,
        name: str,
        kind: str,
        metadata: ObjectMetaArgs,
        spec: Mapping[str, Any],
        after: pulumi.Resource,
    ) -> CustomResource:
        opts = pulumi.ResourceOptions(parent=self, depends_on=[after])
        return CustomResource(
            name, api_version=API, kind=kind, metadata=metadata, spec=spec, opts=opts
        )


def _quota(quota: GroupQuota) -> dict[str, Any]:
    """Return a ClusterQueue that starts what fits into the quota, the oldest first."""
    amounts = {"cpu": quota.cpu, "memory": quota.memory}
    return {
        "namespaceSelector": {},
        # a Job that is larger than what is left does not keep smaller ones behind it waiting
        "queueingStrategy": "BestEffortFIFO",
        "resourceGroups": [
            {
                "coveredResources": list(RESOURCES),
                "flavors": [
                    {
                        "name": FLAVOUR,
                        "resources": [
                            {"name": each, "nominalQuota": amounts[each]} for each in RESOURCES
                        ],
                    }
                ],
            }
        ],
    }


def _values(args: SchedulingArgs) -> dict[str, Any]:
    """Return what the chart is to do otherwise: our image, and Jobs of our namespaces only."""
    repository, _, tag = args.image.rpartition(":")
    wanted = {"cpu": "1", "memory": REQUESTS["memory"]}
    secret = args.house.pull_secret
    return {
        "controllerManager": {
            "manager": {
                "image": {"repository": repository, "tag": tag, "pullPolicy": "IfNotPresent"},
                "resources": {
                    "requests": REQUESTS,
                    "limits": args.house.limits(REQUESTS, wanted),
                },
            },
            "imagePullSecrets": [{"name": secret}] if secret else [],
        },
        "managerConfig": {
            "controllerManagerConfigYaml": pulumi.Output.all(*args.namespaces.values()).apply(
                _configuration
            )
        },
    }


def _configuration(namespaces: Sequence[str]) -> str:
    """Return the controller's configuration: JSON, which is YAML too."""
    return json.dumps(
        {
            "apiVersion": "config.kueue.x-k8s.io/v1beta2",
            "kind": "Configuration",
            "health": {"healthProbeBindAddress": ":8081"},
            "metrics": {"bindAddress": ":8443"},
            "webhook": {"port": 9443},
            "leaderElection": {"leaderElect": True, "resourceName": "c1f6bfd2.kueue.x-k8s.io"},
            "clientConnection": {"qps": 50, "burst": 100},
            "managedJobsNamespaceSelector": {
                "matchExpressions": [
                    {
                        "key": "kubernetes.io/metadata.name",
                        "operator": "In",
                        "values": sorted(set(namespaces)),
                    }
                ]
            },
            "integrations": {"frameworks": ["batch/job"]},
        },
        indent=1,
    )
