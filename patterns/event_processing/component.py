"""Event processing: a Job that drives, and a Deployment of workers that it scales."""

from __future__ import annotations

import pulumi
from pulumi_kubernetes.apps.v1 import Deployment, DeploymentInitArgs, DeploymentSpecArgs
from pulumi_kubernetes.batch.v1 import Job, JobInitArgs, JobSpecArgs
from pulumi_kubernetes.core.v1 import (
    PodTemplateSpecArgs,
    Service,
    ServiceInitArgs,
    ServicePortArgs,
    ServiceSpecArgs,
)
from pulumi_kubernetes.meta.v1 import LabelSelectorArgs, ObjectMetaArgs
from pulumi_kubernetes.rbac.v1 import PolicyRuleArgs

from components import accounts, workloads
from components.analysis import Analysis, AnalysisArgs
from components.place import PatternComponent, Place
from patterns.event_processing.settings import Settings
from patterns.event_processing.workload.event_processing.reference import SCHEDULER_PORT
from patterns.sources import sources

PACKAGE = "event_processing"
RETRIES = 4
MOST_REPLICAS = "ssl/most-replicas"
"""The annotation that tells how many workers the driver asks for at most."""

GRACE_S = 30
"""So long the driver has to send its workers away when it is told to end."""


class EventProcessing(pulumi.ComponentResource):
    """A driver's Job and its workers; Pulumi waits until the Job has succeeded."""

    def __init__(
        self, name: str, settings: Settings, place: Place, opts: pulumi.ResourceOptions
    ) -> None:
        super().__init__("ssl:patterns:EventProcessing", name, None, opts)
        self._name = name
        self._workers = f"{name}-workers"
        self._settings = settings
        self._place = place
        self._child = pulumi.ResourceOptions(parent=self)
        self._analysis = Analysis(name, _analysis(settings), place, self)
        workers = self._deployment()
        service = self._service()
        account, binding = self._account()
        self._driver(account, [workers, service, *binding])
        self.register_outputs({})

    def _deployment(self) -> Deployment:
        """Make the workers, none at first; how many there are is the driver's business."""
        labels = workloads.labels(self._workers)
        return Deployment(
            self._workers,
            DeploymentInitArgs(
                metadata=self._metadata(
                    self._workers,
                    labels=labels,
                    annotations={MOST_REPLICAS: str(self._settings.most_workers)},
                ),
                spec=DeploymentSpecArgs(
                    replicas=0,
                    selector=LabelSelectorArgs(match_labels=labels),
                    template=self._pod(
                        self._workers,
                        "worker",
                        {"SCHEDULER": f"tcp://{self._name}:{SCHEDULER_PORT}"},
                    ),
                ),
            ),
            opts=pulumi.ResourceOptions(parent=self, ignore_changes=["spec.replicas"]),
        )

    def _service(self) -> Service:
        """Make the name by which workers find the driver's scheduler."""
        return Service(
            self._name,
            ServiceInitArgs(
                # nobody answers before the driver runs, and after it
                metadata=self._metadata(self._name, annotations={"pulumi.com/skipAwait": "true"}),
                spec=ServiceSpecArgs(
                    cluster_ip="None",
                    selector=workloads.labels(self._name),
                    ports=[ServicePortArgs(name="scheduler", port=SCHEDULER_PORT)],
                ),
            ),
            opts=self._child,
        )

    def _account(self) -> tuple[pulumi.Input[str], list[pulumi.Resource]]:
        """Return the account that may scale the workers, and what has to be there for that."""
        if self._settings.service_account is not None:
            return self._settings.service_account, []
        scale = PolicyRuleArgs(
            api_groups=["apps"],
            resources=["deployments/scale"],
            resource_names=[self._workers],
            verbs=["get", "patch"],
        )
        return accounts.account(self._name, self._place.namespace, [scale], self)

    def _driver(self, account: pulumi.Input[str], after: list[pulumi.Resource]) -> Job:
        """Make the Job. One that failed is made anew by the next deployment."""
        return Job(
            self._name,
            JobInitArgs(
                metadata=self._metadata(
                    f"{self._name}-{self._analysis.version()}",
                    annotations={"pulumi.com/replaceUnready": "true"},
                ),
                spec=JobSpecArgs(
                    backoff_limit=RETRIES,
                    active_deadline_seconds=self._settings.deadline_s,
                    template=self._pod(
                        self._name, "driver", {"WORKERS": self._workers}, account=account
                    ),
                ),
            ),
            opts=pulumi.ResourceOptions(
                parent=self,
                depends_on=after,
                custom_timeouts=pulumi.CustomTimeouts(create=f"{self._settings.deadline_s + 120}s"),
            ),
        )

    def _pod(
        self,
        name: str,
        role: str,
        environment: dict[str, str],
        account: pulumi.Input[str] | None = None,
    ) -> PodTemplateSpecArgs:
        container = self._analysis.container(environment={"ROLE": role, **environment})
        workloads.explains(container)
        return workloads.pod(
            self._place.house,
            name,
            [container],
            volumes=[self._analysis.volume()],
            service_account=account,
            restart_policy="Never" if role == "driver" else "Always",
            grace_s=GRACE_S,
        )

    def _metadata(
        self,
        name: str,
        labels: dict[str, str] | None = None,
        annotations: dict[str, str] | None = None,
    ) -> ObjectMetaArgs:
        return ObjectMetaArgs(
            name=name,
            namespace=self._place.namespace,
            labels=labels or workloads.labels(self._name),
            annotations=annotations,
        )


def component(settings: Settings) -> PatternComponent:
    """Return the function that makes the pattern with these settings."""
    return lambda name, place, opts: EventProcessing(name, settings, place, opts)


def _analysis(settings: Settings) -> AnalysisArgs:
    return AnalysisArgs(
        package=PACKAGE,
        sources=sources(PACKAGE),
        environment={
            "SEED": str(settings.seed),
            "FILES": str(settings.files),
            "EVENTS_PER_FILE": str(settings.events_per_file),
            "FILES_PER_WORKER": str(settings.files_per_worker),
            "MOST_WORKERS": str(settings.most_workers),
        },
        cpu=settings.cpu,
        cpu_limit=settings.cpu_limit,
        memory=settings.memory,
    )
