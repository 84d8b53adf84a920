"""The fan-out: three Jobs, one after another: prepare, one task an input, merge."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence

import pulumi
from pulumi_kubernetes.batch.v1 import (
    Job,
    JobInitArgs,
    JobSpecArgs,
    PodFailurePolicyArgs,
    PodFailurePolicyOnExitCodesRequirementArgs,
    PodFailurePolicyOnPodConditionsPatternArgs,
    PodFailurePolicyRuleArgs,
)
from pulumi_kubernetes.core.v1 import PodTemplateSpecArgs
from pulumi_kubernetes.meta.v1 import ObjectMetaArgs

from components import workloads
from components.analysis import QUEUE_LABEL, Analysis, AnalysisArgs, may_take_s
from components.place import PatternComponent, Place
from patterns.fan_out.settings import Settings
from patterns.fan_out.workload.fan_out.reference import BAD_INPUT_EXIT_CODE
from patterns.sources import sources
from sslab.catalogue.quantity import parse_quantity

PACKAGE = "fan_out"
RETRIES = 6
"""So often a stage, or the task of one input, is tried again."""


class FanOut(pulumi.ComponentResource):
    """Three Jobs; Pulumi waits until the last one has succeeded."""

    def __init__(
        self, name: str, settings: Settings, place: Place, opts: pulumi.ResourceOptions
    ) -> None:
        super().__init__("ssl:patterns:FanOut", name, None, opts)
        self._name = name
        self._settings = settings
        self._place = place
        self._analysis = Analysis(name, _analysis(settings, place), place, self)
        prepare = self._job(
            "prepare", JobSpecArgs(backoff_limit=RETRIES, template=self._pod("prepare"))
        )
        tasks = self._job("tasks", self._tasks(), after=[prepare])
        self._job(
            "merge", JobSpecArgs(backoff_limit=RETRIES, template=self._pod("merge")), after=[tasks]
        )
        self.register_outputs({})

    def _once(self, stage: str) -> JobSpecArgs:
        return JobSpecArgs(backoff_limit=RETRIES, template=self._pod(stage))

    def _tasks(self) -> JobSpecArgs:
        """Return the Job with one task an input.

        A pod is replaced once it has ended, so no more tasks read at a time than were asked for,
        and no two read one input. What is wrong with an input fails its task at once, and the
        others go on. A pod that has to leave its node is no failure.
        """
        return JobSpecArgs(
            completion_mode="Indexed",
            completions=self._settings.files,
            parallelism=min(self._settings.tasks_at_once, self._settings.files),
            backoff_limit_per_index=RETRIES,
            pod_replacement_policy="Failed",
            pod_failure_policy=PodFailurePolicyArgs(
                rules=[
                    PodFailurePolicyRuleArgs(
                        action="FailIndex",
                        on_exit_codes=PodFailurePolicyOnExitCodesRequirementArgs(
                            container_name=self._name,
                            operator="In",
                            values=[BAD_INPUT_EXIT_CODE],
                        ),
                    ),
                    PodFailurePolicyRuleArgs(
                        action="Ignore",
                        on_pod_conditions=[
                            PodFailurePolicyOnPodConditionsPatternArgs(
                                type="DisruptionTarget", status="True"
                            )
                        ],
                    ),
                ]
            ),
            template=self._pod("task"),
        )

    def _pod(self, stage: str) -> PodTemplateSpecArgs:
        container = workloads.explains(self._analysis.container(environment={"STAGE": stage}))
        return workloads.pod(
            self._place.house,
            self._name,
            [container],
            volumes=[self._analysis.volume()],
            restart_policy="Never",
        )

    def _job(self, stage: str, spec: JobSpecArgs, after: Sequence[pulumi.Resource] = ()) -> Job:
        """Make the Job of a stage. One that failed is made anew by the next deployment."""
        spec.active_deadline_seconds = self._settings.deadline_s
        queue = self._settings.queue if stage == "tasks" else None
        patience_s = may_take_s(self._settings.deadline_s, queue) + 120
        return Job(
            f"{self._name}-{stage}",
            JobInitArgs(
                metadata=ObjectMetaArgs(
                    name=f"{self._name}-{stage}-{self._analysis.version()}",
                    namespace=self._place.namespace,
                    labels={
                        **workloads.labels(self._name),
                        **({QUEUE_LABEL: queue} if queue else {}),
                    },
                    annotations={"pulumi.com/replaceUnready": "true"},
                ),
                spec=spec,
            ),
            opts=pulumi.ResourceOptions(
                parent=self,
                depends_on=list(after),
                custom_timeouts=pulumi.CustomTimeouts(create=f"{patience_s}s"),
            ),
        )


def component(settings: Settings) -> PatternComponent:
    """Return the function that makes the pattern with these settings."""
    return lambda name, place, opts: FanOut(name, settings, place, opts)


def _analysis(settings: Settings, place: Place) -> AnalysisArgs:
    code = sources(PACKAGE)
    return AnalysisArgs(
        package=PACKAGE,
        sources=code,
        environment={
            "VERSION": _version(settings, place.image, code),
            "SEED": str(settings.seed),
            "FILES": str(settings.files),
            "EVENTS_PER_FILE": str(settings.events_per_file),
            "BANDWIDTH_MB_S": str(settings.bandwidth_mb_s),
            "TASKS_AT_ONCE": str(settings.tasks_at_once),
            "MEMORY_BYTES": str(int(parse_quantity(settings.memory))),
        },
        cpu=settings.cpu,
        cpu_limit=settings.cpu_limit,
        memory=settings.memory,
    )


def _version(settings: Settings, image: str, code: Mapping[str, str]) -> str:
    """Return what tells results of other code, image or resources from these.

    The inputs are not in it: where files are added, the results of the others stay.
    """
    how = settings.model_dump(exclude={"seed", "files", "events_per_file", "deadline_s", "queue"})
    told = json.dumps([image, how, dict(code)], sort_keys=True)
    return hashlib.sha256(told.encode()).hexdigest()[:12]
