"""Prometheus: it collects the laboratory's metrics where the site has nothing that would."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
from pulumi_kubernetes.apps.v1 import StatefulSet, StatefulSetInitArgs, StatefulSetSpecArgs
from pulumi_kubernetes.core.v1 import (
    ConfigMap,
    ConfigMapInitArgs,
    ConfigMapVolumeSourceArgs,
    ContainerArgs,
    KeyToPathArgs,
    PersistentVolumeClaim,
    PersistentVolumeClaimInitArgs,
    PersistentVolumeClaimSpecArgs,
    PersistentVolumeClaimVolumeSourceArgs,
    PodTemplateSpecArgs,
    Service,
    VolumeArgs,
    VolumeMountArgs,
    VolumeResourceRequirementsArgs,
)
from pulumi_kubernetes.meta.v1 import LabelSelectorArgs, ObjectMetaArgs

from components import serving, workloads
from components.monitoring import alerts, console, scraping
from components.monitoring.scraping import Target
from components.monitoring.watched import Watched
from components.workloads import HouseRules
from sslab.catalogue.layers import LAYER_NEEDS
from sslab.catalogue.monitoring import PROMETHEUS
from sslab.safety.holding import DISPOSABLE

PORT = 9090
DATA, CONFIGURATION = "/data", "/etc/prometheus"
KEPT_FOR, KEPT_SIZE = "30d", "6GB"
"""Whichever comes first: after so long or so much the oldest measurements are deleted.

The rest of the claim is for the last hours, which are not in a block yet, and for compaction.
"""

FILES = {
    "prometheus.yml": "prometheus.yml",
    "rules.yml": "rules.yml",
    "index.html": "consoles/index.html",
}
"""The keys of the ConfigMap, and where Prometheus finds them below `CONFIGURATION`."""


@dataclass(frozen=True, kw_only=True)
class PrometheusArgs:
    """The image, the StorageClass of the volume, and how Prometheus is reached from outside.

    `storage_class` None is the cluster's default one. `cluster_domain` is the DNS domain of
    Services. `url` is None where nothing leads there from outside.
    """

    image: str
    storage_class: str | None
    cluster_domain: str
    url: str | None
    house: HouseRules


def run(
    args: PrometheusArgs,
    watched: Watched,
    namespace: pulumi.Input[str],
    targets: Sequence[Target],
    parent: pulumi.Resource,
) -> Service:
    """Run Prometheus, and return its Service."""
    child = pulumi.ResourceOptions(parent=parent)
    metadata = ObjectMetaArgs(
        name=PROMETHEUS, namespace=namespace, labels=workloads.labels(PROMETHEUS)
    )
    texts = _texts(args, watched, targets)
    settings = ConfigMap(PROMETHEUS, ConfigMapInitArgs(metadata=metadata, data=texts), opts=child)
    claim = _claim(args, namespace, child)
    service = serving.service(PROMETHEUS, metadata, "http", PORT, child)
    # one at a time has the volume
    StatefulSet(
        PROMETHEUS,
        StatefulSetInitArgs(
            metadata=metadata,
            spec=StatefulSetSpecArgs(
                service_name=PROMETHEUS,
                replicas=1,
                selector=LabelSelectorArgs(match_labels=workloads.labels(PROMETHEUS)),
                template=_pod(args, settings, claim, texts),
            ),
        ),
        opts=child,
    )
    return service


def _texts(
    args: PrometheusArgs, watched: Watched, targets: Sequence[Target]
) -> dict[str, pulumi.Input[str]]:
    """Return the files of the configuration."""

    def configuration(namespaces: Sequence[str]) -> str:
        # itself, before the others
        own = {
            "job_name": PROMETHEUS,
            "static_configs": [
                {
                    "targets": [f"localhost:{PORT}"],
                    "labels": {"laboratory": watched.laboratory},
                }
            ],
        }
        found = scraping.by_dns(watched.laboratory, targets, namespaces, args.cluster_domain)
        document = {
            "global": {
                "scrape_interval": scraping.INTERVAL,
                "evaluation_interval": scraping.INTERVAL,
            },
            "rule_files": ["rules.yml"],
            "scrape_configs": [own, *found],
        }
        return json.dumps(document, indent=1)

    return {
        "prometheus.yml": pulumi.Output.all(*(target.namespace for target in targets)).apply(
            configuration
        ),
        "rules.yml": json.dumps({"groups": alerts.groups(watched)}, indent=1),
        "index.html": console.page(watched),
    }


def _claim(
    args: PrometheusArgs, namespace: pulumi.Input[str], opts: pulumi.ResourceOptions
) -> PersistentVolumeClaim:
    (volume,) = LAYER_NEEDS["Monitoring"].storage
    return PersistentVolumeClaim(
        PROMETHEUS,
        PersistentVolumeClaimInitArgs(
            metadata=ObjectMetaArgs(
                name=PROMETHEUS,
                namespace=namespace,
                labels=workloads.labels(PROMETHEUS),
                annotations=dict([DISPOSABLE]),  # metrics are measured again
            ),
            spec=PersistentVolumeClaimSpecArgs(
                access_modes=[volume.access_mode],
                storage_class_name=args.storage_class,
                resources=VolumeResourceRequirementsArgs(requests={"storage": volume.size}),
            ),
        ),
        opts=opts,
    )


def _pod(
    args: PrometheusArgs,
    settings: ConfigMap,
    claim: PersistentVolumeClaim,
    texts: Mapping[str, pulumi.Input[str]],
) -> PodTemplateSpecArgs:
    files = [KeyToPathArgs(key=key, path=path) for key, path in FILES.items()]
    return workloads.pod(
        args.house,
        PROMETHEUS,
        [_container(args)],
        volumes=[
            VolumeArgs(
                name="data",
                persistent_volume_claim=PersistentVolumeClaimVolumeSourceArgs(
                    claim_name=claim.metadata.name
                ),
            ),
            VolumeArgs(
                name="configuration",
                config_map=ConfigMapVolumeSourceArgs(name=settings.metadata.name, items=files),
            ),
        ],
        # nothing secret: another configuration makes a new pod
        secrets=list(texts.values()),
        grace_s=30,
    )


def _container(args: PrometheusArgs) -> ContainerArgs:
    needs = LAYER_NEEDS["Monitoring"]
    return workloads.container(
        PROMETHEUS,
        args.image,
        workloads.resources(args.house, needs.cpu, needs.memory, cpu_limit="1"),
        args=[
            f"--config.file={CONFIGURATION}/prometheus.yml",
            f"--storage.tsdb.path={DATA}",
            f"--storage.tsdb.retention.time={KEPT_FOR}",
            f"--storage.tsdb.retention.size={KEPT_SIZE}",
            f"--web.listen-address=0.0.0.0:{PORT}",
            f"--web.console.templates={CONFIGURATION}/consoles",
            f"--web.console.libraries={CONFIGURATION}/consoles",
            # no other site's page reads it from the browser of somebody who may
            "--web.cors.origin=none",
            *([f"--web.external-url={args.url}"] if args.url else []),
            # a question is given up before it takes the memory
            "--query.timeout=30s",
            "--query.max-concurrency=4",
            "--query.max-samples=5000000",
        ],
        env=workloads.literal({"GOMEMLIMIT": "400MiB"}),
        ports={"http": PORT},
        mounts=[
            VolumeMountArgs(name="data", mount_path=DATA),
            VolumeMountArgs(name="configuration", mount_path=CONFIGURATION, read_only=True),
        ],
        readiness=workloads.probe("/-/ready", PORT, period_s=1, failures=120),
        liveness=workloads.probe("/-/healthy", PORT, period_s=20, failures=6),
    )
