"""Batch analysis: each job fetches its data, runs in its image, and publishes its results."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pulumi
from pulumi_kubernetes.batch.v1 import Job, JobInitArgs, JobSpecArgs
from pulumi_kubernetes.core.v1 import (
    ConfigMap,
    ConfigMapInitArgs,
    ConfigMapVolumeSourceArgs,
    ContainerArgs,
    EmptyDirVolumeSourceArgs,
    PersistentVolumeClaimVolumeSourceArgs,
    PodTemplateSpecArgs,
    VolumeArgs,
    VolumeMountArgs,
)
from pulumi_kubernetes.meta.v1 import ObjectMetaArgs

from components import workloads
from components.analysis import QUEUE_LABEL, Analysis, AnalysisArgs, may_take_s
from components.place import PatternComponent, Place
from patterns.batch_analysis.settings import ROOT, BatchJob, Settings
from patterns.sources import sources
from sslab.catalogue.images import load_images

PACKAGE = "batch_analysis"
ACCELERATOR = "nvidia.com/gpu"
GROUP_LABEL = "ssl/group"
SHARED = ("data", "results")
"""Folders, at the root, that the containers of a pod share."""


class BatchAnalysis(pulumi.ComponentResource):
    """A Job for each entry; Pulumi waits until all have succeeded."""

    def __init__(
        self, name: str, settings: Settings, place: Place, opts: pulumi.ResourceOptions
    ) -> None:
        super().__init__("ssl:patterns:BatchAnalysis", name, None, opts)
        self._name = name
        self._place = place
        # its container moves data in and out, beside the job's own image
        mover = AnalysisArgs(
            package=PACKAGE,
            sources=sources(PACKAGE),
            environment={},
            cpu="50m",
            memory="192Mi",
            cpu_limit="1",
        )
        self._analysis = Analysis(name, mover, place, self)
        for job, entry in sorted(settings.jobs.items()):
            self._job(job, entry)
        self.register_outputs({})

    def _job(self, job: str, entry: BatchJob) -> Job:
        """Make a job's Job. One that failed is made anew by the next deployment."""
        image = self._image(entry)
        script = _script(entry)
        told = [self._analysis.version(), job, image, script, entry.model_dump(mode="json")]
        version = hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()[:8]
        patience_s = may_take_s(entry.deadline_s, entry.queue) + 120
        labels = {QUEUE_LABEL: entry.queue, GROUP_LABEL: entry.group}
        return Job(
            f"{self._name}-{job}",
            JobInitArgs(
                metadata=ObjectMetaArgs(
                    name=self._object(job, version),
                    namespace=self._place.namespace,
                    labels={
                        **workloads.labels(self._name),
                        **{key: value for key, value in labels.items() if value},
                    },
                    annotations={"pulumi.com/replaceUnready": "true"},
                ),
                spec=JobSpecArgs(
                    backoff_limit=entry.retries,
                    active_deadline_seconds=entry.deadline_s,
                    template=self._pod(job, entry, image, script, version),
                ),
            ),
            opts=pulumi.ResourceOptions(
                parent=self, custom_timeouts=pulumi.CustomTimeouts(create=f"{patience_s}s")
            ),
        )

    def _pod(
        self, job: str, entry: BatchJob, image: str, script: str | None, version: str
    ) -> PodTemplateSpecArgs:
        """Return the pod: one container after another fetches, runs and publishes."""
        volumes = [self._analysis.volume(), *(_empty(each, entry.disk) for each in SHARED)]
        mounts = [VolumeMountArgs(name=each, mount_path=f"/{each}") for each in SHARED]
        own = list(mounts)
        if script is not None:
            volumes.append(self._mounted(job, entry, script, version))
            own.append(VolumeMountArgs(name="scripts", mount_path="/scripts", read_only=True))
        if entry.claim is not None:
            source = PersistentVolumeClaimVolumeSourceArgs(claim_name=entry.claim, read_only=True)
            volumes.append(VolumeArgs(name="claim", persistent_volume_claim=source))
            own.append(VolumeMountArgs(name="claim", mount_path="/claim", read_only=True))
        if entry.cvmfs:
            if self._place.cvmfs is None:
                raise ValueError(f"{job} needs CVMFS")  # placement has refused such a site
            volumes.append(self._place.cvmfs.volume)
            own.append(self._place.cvmfs.mount)
        return workloads.pod(
            self._place.house,
            self._name,
            [self._mover("publish", job, entry, version, mounts)],
            first=[
                self._mover("fetch", job, entry, version, mounts),
                self._run(entry, image, own),
            ],
            volumes=volumes,
            restart_policy="Never",
        )

    def _run(self, entry: BatchJob, image: str, mounts: list[VolumeMountArgs]) -> ContainerArgs:
        resources = workloads.resources(
            self._place.house,
            entry.cpu,
            entry.memory,
            entry.cpu_limit,
            devices={ACCELERATOR: str(entry.gpu)} if entry.gpu else None,
        )
        container = workloads.container(
            "run",
            image,
            resources,
            args=[_command(entry)],
            env=[*self._analysis.bucket_variables(), *workloads.literal({"HOME": "/tmp"})],
            mounts=mounts,
        )
        container.command = list(load_images(ROOT)[entry.image].shell)
        container.working_dir = "/results"
        return workloads.explains(container)

    def _mover(
        self, stage: str, job: str, entry: BatchJob, version: str, mounts: list[VolumeMountArgs]
    ) -> ContainerArgs:
        container = self._analysis.container(
            environment={
                "STAGE": stage,
                "JOB": job,
                "VERSION": version,
                "INPUTS": json.dumps(entry.inputs),
                "IMAGE": entry.image,
            },
            mounts=mounts,
        )
        container.name = stage
        return workloads.explains(container)

    def _mounted(self, job: str, entry: BatchJob, script: str, version: str) -> VolumeArgs:
        code = ConfigMap(
            f"{self._name}-{job}-script",
            ConfigMapInitArgs(
                metadata=ObjectMetaArgs(
                    name=self._object(job, version),
                    namespace=self._place.namespace,
                    labels=workloads.labels(self._name),
                ),
                data={Path(str(entry.script)).name: script},
                immutable=True,
            ),
            opts=pulumi.ResourceOptions(parent=self),
        )
        return VolumeArgs(
            name="scripts", config_map=ConfigMapVolumeSourceArgs(name=code.metadata.name)
        )

    def _object(self, job: str, version: str) -> str:
        """Return the name of a job's objects, at most the 63 characters of a label."""
        return f"{f'{self._name}-{job}'[:54].rstrip('-')}-{version}"

    def _image(self, entry: BatchJob) -> str:
        found = load_images(ROOT)[entry.image]
        if found.build is None:
            return found.reference(entry.digest)
        images = {"analysis": self._place.image, **self._place.other_images}
        return images[found.build]


def component(settings: Settings) -> PatternComponent:
    """Return the function that makes the pattern with these settings."""
    return lambda name, place, opts: BatchAnalysis(name, settings, place, opts)


def _script(entry: BatchJob) -> str | None:
    return None if entry.script is None else (ROOT / entry.script).read_text(encoding="utf-8")


def _command(entry: BatchJob) -> str:
    """Return what the image's shell runs: the command, or the script by itself."""
    if entry.command is not None:
        return entry.command
    file = f"/scripts/{Path(str(entry.script)).name}"
    return f"exec {'python3' if file.endswith('.py') else 'sh'} '{file}'"


def _empty(name: str, size: str) -> VolumeArgs:
    return VolumeArgs(name=name, empty_dir=EmptyDirVolumeSourceArgs(size_limit=size))
