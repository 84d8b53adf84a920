"""An analysis that runs as a Job: its code is mounted into the plain Python stack.

So another revision of the code is another ConfigMap and another Job, and the image, which takes
minutes to build and to load, stays what it is.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pulumi
from pulumi_kubernetes.batch.v1 import Job, JobInitArgs, JobSpecArgs
from pulumi_kubernetes.core.v1 import (
    ConfigMap,
    ConfigMapInitArgs,
    ConfigMapVolumeSourceArgs,
    ContainerArgs,
    EnvVarArgs,
    PodTemplateSpecArgs,
    VolumeArgs,
    VolumeMountArgs,
)
from pulumi_kubernetes.meta.v1 import ObjectMetaArgs

from components import workloads
from components.buckets import bucket_environment, bucket_secret
from components.place import Place

RETRIES = 4
FOLDER = "/opt/workload"

QUEUE_LABEL = "kueue.x-k8s.io/queue-name"
"""The label by which a Job is in a queue, where the site has them."""

QUEUED_S = 3600
"""How long a Job may wait in a queue before it begins."""


def may_take_s(deadline_s: int, queue: str | None) -> int:
    """Return how many seconds a Job may take that has this deadline and is in this queue, if any.

    Pulumi by itself waits ten minutes.
    """
    return deadline_s + (QUEUED_S if queue else 0)


@dataclass(frozen=True, kw_only=True)
class AnalysisArgs:
    """What the analysis of a pattern is.

    `package` is the Python package that is run, `sources` its files (name to text). `environment`
    are its settings. `cpu` and `memory` are what a pod requests, as Kubernetes quantities;
    `cpu_limit` is as much as it may use. The Job is ended after `deadline_s` seconds.
    `completions`: an Indexed Job with so many tasks, of which `parallelism` run at once.
    `variables` are further variables of the environment, such as those that a Secret fills.
    """

    package: str
    sources: Mapping[str, str]
    environment: Mapping[str, str]
    cpu: str
    memory: str
    cpu_limit: str = "2"
    deadline_s: int = 900
    completions: int | None = None
    parallelism: int | None = None
    labels: Mapping[str, str] = field(default_factory=dict)
    variables: Sequence[EnvVarArgs] = ()


class Analysis:
    """The code and the keys of a pattern's analysis in its namespace, and the pods that run it."""

    def __init__(
        self, name: str, args: AnalysisArgs, place: Place, parent: pulumi.Resource
    ) -> None:
        """Make the ConfigMap of the code, and the Secret of the bucket's keys.

        Raises ValueError where the site has no bucket for the pattern: placement has refused it.
        """
        if place.bucket is None:
            raise ValueError(f"{name} needs a bucket of its name")
        self.name = name
        self._args = args
        self._place = place
        self._parent = parent
        self._bucket = place.bucket
        self._secret = bucket_secret(name, place.namespace, place.bucket, parent)
        code = hashlib.sha256(json.dumps(dict(args.sources), sort_keys=True).encode())
        self.code = ConfigMap(
            f"{name}-code",
            ConfigMapInitArgs(
                metadata=ObjectMetaArgs(
                    name=f"{name}-code-{code.hexdigest()[:8]}",
                    namespace=place.namespace,
                    labels=workloads.labels(name),
                ),
                data=dict(args.sources),
                immutable=True,
            ),
            opts=self._opts(),
        )

    def job(self) -> Job:
        """Make the Job; Pulumi waits until it has succeeded.

        Its name follows from all that it is made of: a Job cannot be changed, so a change is
        another Job.
        """
        args = self._args
        patience_s = may_take_s(args.deadline_s, args.labels.get(QUEUE_LABEL)) + 60
        return Job(
            self.name,
            JobInitArgs(
                metadata=ObjectMetaArgs(
                    name=f"{self.name}-{self.version()}",
                    namespace=self._place.namespace,
                    labels={**workloads.labels(self.name), **args.labels},
                    annotations={"pulumi.com/timeoutSeconds": str(patience_s)},
                ),
                spec=JobSpecArgs(
                    backoff_limit=None if args.completions else RETRIES,
                    backoff_limit_per_index=RETRIES if args.completions else None,
                    completion_mode="Indexed" if args.completions else None,
                    completions=args.completions,
                    parallelism=args.parallelism,
                    active_deadline_seconds=args.deadline_s,
                    template=self.pod(),
                ),
            ),
            opts=self._opts(),
        )

    def pod(self) -> PodTemplateSpecArgs:
        """Return the template of a pod that runs the package once."""
        return workloads.pod(
            self._place.house,
            self.name,
            [self.container()],
            volumes=[self.volume()],
            restart_policy="Never",
        )

    def container(
        self,
        environment: Mapping[str, pulumi.Input[str]] | None = None,
        mounts: Sequence[VolumeMountArgs] = (),
    ) -> ContainerArgs:
        """Return the container with the package mounted, its settings and the bucket's keys."""
        args = self._args
        return workloads.container(
            self.name,
            self._place.image,
            workloads.resources(self._place.house, args.cpu, args.memory, args.cpu_limit),
            args=["-m", args.package],
            env=[
                *self.bucket_variables(),
                *args.variables,
                *workloads.literal({**args.environment, **(environment or {})}),
            ],
            mounts=[
                VolumeMountArgs(name="code", mount_path=f"{FOLDER}/{args.package}", read_only=True),
                *mounts,
            ],
        )

    def volume(self) -> VolumeArgs:
        """Return the volume with the code."""
        return VolumeArgs(
            name="code", config_map=ConfigMapVolumeSourceArgs(name=self.code.metadata.name)
        )

    def bucket_variables(self) -> list[EnvVarArgs]:
        """Return the environment variables by which boto3 finds the bucket."""
        return bucket_environment(self._secret.metadata.name, self._bucket)

    def version(self) -> str:
        """Return a name for this very run, of eight hexadecimal digits."""
        args = self._args
        told = [
            *(self._place.image, args.package, dict(args.sources), dict(args.environment)),
            *(args.cpu, args.memory, args.cpu_limit, args.completions, args.parallelism),
            args.deadline_s,
            dict(args.labels),
        ]
        return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()[:8]

    def _opts(self) -> pulumi.ResourceOptions:
        return pulumi.ResourceOptions(parent=self._parent)
