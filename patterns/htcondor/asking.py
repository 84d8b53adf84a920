"""The Job that asks the pool for the workers, with HTCondor's own program, and keeps the answer."""

from __future__ import annotations

import hashlib
import json

import pulumi
from pulumi_kubernetes.batch.v1 import Job, JobInitArgs, JobSpecArgs
from pulumi_kubernetes.core.v1 import (
    CapabilitiesArgs,
    ContainerArgs,
    EmptyDirVolumeSourceArgs,
    EnvVarArgs,
    SecretVolumeSourceArgs,
    SecurityContextArgs,
    VolumeArgs,
    VolumeMountArgs,
)
from pulumi_kubernetes.meta.v1 import ObjectMetaArgs

from components import workloads
from components.analysis import RETRIES, Analysis, AnalysisArgs
from components.charts import from_mirror
from components.place import Place
from patterns.htcondor.pool import ATTRIBUTE, Pool
from patterns.htcondor.settings import Settings
from patterns.sources import sources

CPU, MEMORY = "100m", "256Mi"
PATIENCE_S = 900
SECRET, COPY, FOUND = "/pool-secret", "/tmp/pool", "/found"

# HTCondor takes no secret that others than root may read, and the pod's group may
SCRIPT = f"""set -eu
install -d -m 700 {COPY}
install -m 600 "{SECRET}/$FILE" "{COPY}/$FILE"
end=$(( $(date +%s) + {PATIENCE_S} ))
while true; do
  condor_status -constraint "$WORKERS" -af Name TotalCpus > {FOUND}/part || true
  [ "$(wc -l < {FOUND}/part)" -lt "$EXPECTED" ] || break
  [ "$(date +%s)" -lt "$end" ] || break
  sleep 10
done
mv {FOUND}/part {FOUND}/workers
"""


def asking(
    name: str, settings: Settings, place: Place, pool: Pool, secret: str, parent: pulumi.Resource
) -> Job:
    """Make the Job; Pulumi waits until it has succeeded."""
    args = AnalysisArgs(
        package="htcondor",
        sources=sources("htcondor"),
        environment={"WORKERS": f"{FOUND}/workers"},
        cpu=CPU,
        memory=MEMORY,
        deadline_s=PATIENCE_S + 600,
    )
    analysis = Analysis(name, args, place, parent)
    found = VolumeMountArgs(name="found", mount_path=FOUND)
    pod = workloads.pod(
        place.house,
        name,
        [analysis.container(mounts=[found])],
        first=[_ask(settings, place, pool, found)],
        volumes=[
            analysis.volume(),
            VolumeArgs(name="found", empty_dir=EmptyDirVolumeSourceArgs(size_limit="16Mi")),
            VolumeArgs(name="pool", secret=SecretVolumeSourceArgs(secret_name=secret)),
        ],
        restart_policy="Never",
    )
    told = [analysis.version(), SCRIPT, settings.model_dump(mode="json"), pool.is_own, pool.port]
    version = hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()[:8]
    return Job(
        name,
        JobInitArgs(
            metadata=ObjectMetaArgs(
                name=f"{name}-{version}",
                namespace=place.namespace,
                labels=workloads.labels(name),
                annotations={"pulumi.com/timeoutSeconds": str(args.deadline_s + 60)},
            ),
            spec=JobSpecArgs(
                backoff_limit=RETRIES, active_deadline_seconds=args.deadline_s, template=pod
            ),
        ),
        opts=pulumi.ResourceOptions(parent=parent),
    )


def _ask(settings: Settings, place: Place, pool: Pool, found: VolumeMountArgs) -> ContainerArgs:
    """Return the container with HTCondor's program: as root, as the pool's secret is root's."""
    mirror = place.chart_rules.mirror
    mine = place.namespace.apply(lambda known: f'PartitionableSlot && {ATTRIBUTE} == "{known}"')
    container = workloads.container(
        "ask",
        from_mirror(settings.image, mirror) if mirror else settings.image,
        workloads.resources(place.house, CPU, MEMORY, cpu_limit="1"),
        env=[
            *(
                EnvVarArgs(name=f"_CONDOR_{each}", value=value)
                for each, value in pool.security(COPY).items()
            ),
            EnvVarArgs(
                name="_CONDOR_COLLECTOR_HOST",
                value=pulumi.Output.concat(pool.host, f":{pool.port}"),
            ),
            EnvVarArgs(name="FILE", value=pool.key),
            EnvVarArgs(name="EXPECTED", value=str(settings.workers)),
            EnvVarArgs(name="WORKERS", value=mine),
        ],
        mounts=[
            found,
            VolumeMountArgs(name="pool", mount_path=SECRET, read_only=True),
        ],
    )
    container.command = ["/bin/sh", "-c", SCRIPT]
    container.args = None
    container.security_context = SecurityContextArgs(
        run_as_user=0,
        run_as_group=0,
        run_as_non_root=False,
        allow_privilege_escalation=False,
        read_only_root_filesystem=True,
        capabilities=CapabilitiesArgs(drop=["ALL"]),
    )
    return container
