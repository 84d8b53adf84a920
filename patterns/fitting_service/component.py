"""The fitting service: a Deployment behind the ingress, its results in a bucket."""

from __future__ import annotations

import pulumi
from pulumi_kubernetes.core.v1 import ContainerArgs
from pulumi_kubernetes.meta.v1 import LabelSelectorArgs, ObjectMetaArgs
from pulumi_kubernetes.policy.v1 import (
    PodDisruptionBudget,
    PodDisruptionBudgetInitArgs,
    PodDisruptionBudgetSpecArgs,
)

from components import serving, workloads
from components.buckets import Bucket, bucket_environment, bucket_secret
from components.place import PatternComponent, Place
from patterns.fitting_service.settings import Settings
from sslab.catalogue.quantity import parse_quantity

PORT = 8080
START_S = 240


class FittingService(pulumi.ComponentResource):
    """An HTTP service that fits what is posted to it; a repeat is answered from the bucket."""

    def __init__(
        self, name: str, settings: Settings, place: Place, opts: pulumi.ResourceOptions
    ) -> None:
        super().__init__("ssl:patterns:FittingService", name, None, opts)
        bucket = _required(place.bucket)
        child = pulumi.ResourceOptions(parent=self)
        metadata = ObjectMetaArgs(
            name=name, namespace=place.namespace, labels=workloads.labels(name)
        )
        secret = bucket_secret(name, place.namespace, bucket, self)
        service = serving.service(name, metadata, "http", PORT, child)
        pod = workloads.pod(
            place.house,
            name,
            [_container(name, settings, place, secret.metadata.name, bucket)],
            secrets=[bucket.credentials.access_key, bucket.credentials.secret_key],
        )
        serving.deployment(name, metadata, pod, child, replicas=settings.replicas)
        if settings.replicas > 1:
            PodDisruptionBudget(
                name,
                PodDisruptionBudgetInitArgs(
                    metadata=metadata,
                    spec=PodDisruptionBudgetSpecArgs(
                        max_unavailable=1,
                        selector=LabelSelectorArgs(match_labels=workloads.labels(name)),
                    ),
                ),
                opts=child,
            )
        place.route(name, service.metadata.name, PORT, self)
        self.register_outputs({})


def component(settings: Settings) -> PatternComponent:
    """Return the function that makes the pattern with these settings."""
    return lambda name, place, opts: FittingService(name, settings, place, opts)


def _container(
    name: str, settings: Settings, place: Place, secret: pulumi.Input[str], bucket: Bucket
) -> ContainerArgs:
    cores = str(settings.cpu_limit)
    allowed = place.house.limits({"cpu": settings.cpu}, {"cpu": cores})["cpu"]
    return workloads.container(
        name,
        place.image,
        workloads.resources(place.house, settings.cpu, settings.memory, cpu_limit=cores),
        env=[
            *bucket_environment(secret, bucket),
            *workloads.literal(
                {
                    # a fit on each core that the site lets it use
                    "FIT_WORKERS": str(max(1, int(parse_quantity(allowed)))),
                    "FIT_TIMEOUT_S": str(settings.fit_timeout_s),
                }
            ),
        ],
        ports={"http": PORT},
        # started again while Pulumi still waits for it: its workers, or its key pair, may be of no
        # use from the beginning, and only a new start gets others
        startup=workloads.probe("/readyz", PORT, period_s=1, failures=START_S),
        readiness=workloads.probe("/readyz", PORT, period_s=1, failures=120),
        liveness=workloads.probe("/healthz", PORT, period_s=20, failures=6),
    )


def _required(bucket: Bucket | None) -> Bucket:
    if bucket is None:  # placement has refused such a site already
        raise ValueError("the fitting service needs a bucket of its name")
    return bucket
