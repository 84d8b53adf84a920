"""PostgreSQL: the database of one pattern, on a volume that is claimed for it.

The server has one user and one database, both called like the pattern's database. A pod that is
deleted comes back with the same data.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
from pulumi_kubernetes.apps.v1 import StatefulSet, StatefulSetInitArgs, StatefulSetSpecArgs
from pulumi_kubernetes.core.v1 import (
    ContainerArgs,
    EnvVarArgs,
    ExecActionArgs,
    PersistentVolumeClaim,
    PersistentVolumeClaimInitArgs,
    PersistentVolumeClaimSpecArgs,
    PersistentVolumeClaimVolumeSourceArgs,
    ProbeArgs,
    Secret,
    SecretInitArgs,
    Service,
    VolumeArgs,
    VolumeMountArgs,
    VolumeResourceRequirementsArgs,
)
from pulumi_kubernetes.meta.v1 import LabelSelectorArgs, ObjectMetaArgs

from components import serving, workloads
from components.storage import Storage
from components.workloads import HouseRules

PORT = 5432
FOLDER = "/data"
CONTAINER = "postgresql"
OPTIONS = (
    "max_connections=100",
    "shared_buffers=32MB",
    # who holds a lock and is gone, or does nothing, lets it go
    "idle_in_transaction_session_timeout=60s",
    "tcp_keepalives_idle=10",
    "tcp_keepalives_interval=5",
    "tcp_keepalives_count=3",
)
GRACE_S = 60
"""How long a server that is told to end may write down what it has in memory."""


@dataclass(frozen=True, kw_only=True)
class PostgreSQLArgs:
    """What the database needs to know.

    `size` is that of its volume, `cpu` and `memory` are what its pod requests, as Kubernetes
    quantities. `user` has to be a name that needs no quotes. `cluster_domain` is the DNS domain of
    Services.
    """

    namespace: pulumi.Input[str]
    image: str
    user: str
    password: pulumi.Output[str]
    size: str
    cpu: str
    memory: str
    storage: Storage
    cluster_domain: str
    house: HouseRules


@dataclass(frozen=True)
class Database:
    """A database as its clients get it: the variables of their environment, once it answers."""

    variables: Sequence[EnvVarArgs]


def run(name: str, args: PostgreSQLArgs, parent: pulumi.Resource) -> Database:
    """Run PostgreSQL, and return how it is reached."""
    child = pulumi.ResourceOptions(parent=parent)
    metadata = ObjectMetaArgs(name=name, namespace=args.namespace, labels=workloads.labels(name))
    secret = Secret(
        name,
        SecretInitArgs(metadata=metadata, string_data={"password": args.password}),
        opts=child,
    )
    claim = PersistentVolumeClaim(
        name,
        PersistentVolumeClaimInitArgs(
            metadata=metadata,
            spec=PersistentVolumeClaimSpecArgs(
                access_modes=["ReadWriteOnce"],
                storage_class_name=args.storage.rwo_class,
                resources=VolumeResourceRequirementsArgs(requests={"storage": args.size}),
            ),
        ),
        opts=child,
    )
    service = serving.service(name, metadata, "postgresql", PORT, child)
    password = workloads.from_secret(_name(secret), {"POSTGRES_PASSWORD": "password"})
    source = PersistentVolumeClaimVolumeSourceArgs(claim_name=_name(claim))
    server = StatefulSet(
        name,
        StatefulSetInitArgs(
            metadata=metadata,
            spec=StatefulSetSpecArgs(
                service_name=name,
                replicas=1,
                selector=LabelSelectorArgs(match_labels=workloads.labels(name)),
                template=workloads.pod(
                    args.house,
                    name,
                    [_container(args, password)],
                    volumes=[VolumeArgs(name="data", persistent_volume_claim=source)],
                    secrets=[args.password],
                    grace_s=GRACE_S,
                ),
            ),
        ),
        opts=child,
    )
    host = pulumi.Output.all(args.namespace, _name(service), server.id).apply(
        lambda known: f"{known[1]}.{known[0]}.svc.{args.cluster_domain}"
    )
    return Database(
        [
            *workloads.literal(
                {"DATABASE_HOST": host, "DATABASE_PORT": str(PORT), "DATABASE_USER": args.user}
            ),
            *workloads.from_secret(_name(secret), {"DATABASE_PASSWORD": "password"}),
        ]
    )


def _container(args: PostgreSQLArgs, password: Sequence[EnvVarArgs]) -> ContainerArgs:
    """Return the server's process.

    It has no liveness probe: after a crash it may read its log for minutes before it answers, and
    PostgreSQL ends by itself where it cannot go on.
    """
    return workloads.container(
        CONTAINER,
        args.image,
        workloads.resources(args.house, args.cpu, args.memory, cpu_limit="1"),
        args=[part for option in OPTIONS for part in ("-c", option)],
        env=[
            *workloads.literal({"PGDATA": f"{FOLDER}/postgresql", "POSTGRES_USER": args.user}),
            *password,
        ],
        ports={"postgresql": PORT},
        mounts=[VolumeMountArgs(name="data", mount_path=FOLDER)],
        readiness=ProbeArgs(
            exec_=ExecActionArgs(command=["pg_isready", "--quiet", "--host=127.0.0.1"]),
            period_seconds=2,
            failure_threshold=3,
            timeout_seconds=5,
        ),
    )


def _name(resource: PersistentVolumeClaim | Secret | Service) -> pulumi.Output[str]:
    return resource.metadata.apply(lambda metadata: str(metadata.name))
