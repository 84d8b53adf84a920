"""The Z peak: a Job that measures a mass from a sample in a bucket."""

from __future__ import annotations

import hashlib

import pulumi
from pulumi_kubernetes.batch.v1 import Job, JobInitArgs, JobSpecArgs
from pulumi_kubernetes.meta.v1 import ObjectMetaArgs

from components import workloads
from components.buckets import bucket_environment, bucket_secret
from components.place import PatternComponent, Place
from patterns.z_peak.settings import Settings

DEADLINE_S = 600
RETRIES = 4


class ZPeak(pulumi.ComponentResource):
    """A Job; Pulumi waits until it has succeeded."""

    def __init__(
        self, name: str, settings: Settings, place: Place, opts: pulumi.ResourceOptions
    ) -> None:
        super().__init__("ssl:patterns:ZPeak", name, None, opts)
        bucket = place.bucket
        if bucket is None:  # placement has refused such a site already
            raise ValueError("the Z peak needs a bucket of its name")
        secret = bucket_secret(name, place.namespace, bucket, self)
        Job(
            name,
            JobInitArgs(
                metadata=ObjectMetaArgs(
                    name=f"{name}-{_version(settings, place.image)}",
                    namespace=place.namespace,
                    labels=workloads.labels(name),
                ),
                spec=JobSpecArgs(
                    backoff_limit=RETRIES,
                    active_deadline_seconds=DEADLINE_S,
                    template=workloads.pod(
                        place.house,
                        name,
                        [
                            workloads.container(
                                name,
                                place.image,
                                workloads.resources(
                                    place.house, settings.cpu, settings.memory, cpu_limit="2"
                                ),
                                env=[
                                    *bucket_environment(secret.metadata.name, bucket),
                                    *workloads.literal(_environment(settings)),
                                ],
                            )
                        ],
                        restart_policy="Never",
                    ),
                ),
            ),
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.register_outputs({})


def component(settings: Settings) -> PatternComponent:
    """Return the function that makes the pattern with these settings."""
    return lambda name, place, opts: ZPeak(name, settings, place, opts)


def _environment(settings: Settings) -> dict[str, str]:
    return {
        "SEED": str(settings.seed),
        "SIGNAL_EVENTS": str(settings.signal_events),
        "BACKGROUND_EVENTS": str(settings.background_events),
    }


def _version(settings: Settings, image: str) -> str:
    """Return a name for this very run: a Job cannot be changed, so a change is another Job."""
    text = f"{image} {settings.model_dump_json()}"
    return hashlib.sha256(text.encode()).hexdigest()[:8]
